//! The rows of the table of operations.

use super::{Access, Method, Operation, OperationSpec, QueryKind, QueryParameter, RequestBody};

const ROOM_TYPES: &[&str] = &["direct", "group", "task", "property"];

const ROOM: QueryParameter = QueryParameter {
    name: "room",
    required: true,
    kind: QueryKind::Uuid,
    description: "Room UUID",
};

const fn row(
    operation: Operation,
    id: &'static str,
    method: Method,
    path: &'static str,
    section: &'static str,
) -> OperationSpec {
    OperationSpec {
        operation,
        id,
        method,
        path,
        query: &[],
        query_names: &[],
        body: RequestBody::None,
        success: &[200],
        refusals: &[401, 403, 404],
        authenticated: true,
        access: match method {
            Method::Get => Access::Read,
            Method::Post | Method::Patch | Method::Delete => Access::Write,
        },
        section,
    }
}

/// Every documented REST operation, in the order of the specification.
pub(super) static SHIPPED: &[OperationSpec] = &[
    OperationSpec {
        body: RequestBody::Json,
        refusals: &[400, 401],
        authenticated: false,
        ..row(Operation::TokenObtain, "token.obtain", Method::Post, "/token/", "Getting JWT Tokens")
    },
    OperationSpec {
        body: RequestBody::Json,
        refusals: &[400, 401],
        authenticated: false,
        ..row(
            Operation::TokenRefresh,
            "token.refresh",
            Method::Post,
            "/token/refresh/",
            "Token Refresh",
        )
    },
    OperationSpec {
        query: &[
            QueryParameter {
                name: "room_type",
                required: false,
                kind: QueryKind::Enumeration(ROOM_TYPES),
                description: "`direct`, `group`, `task`, `property`",
            },
            QueryParameter {
                name: "search",
                required: false,
                kind: QueryKind::Text { minimum_length: 0 },
                description: "Search in room names",
            },
            QueryParameter {
                name: "include_archived",
                required: false,
                kind: QueryKind::Flag,
                description: "`true` to include archived rooms",
            },
        ],
        refusals: &[400, 401, 403, 404],
        ..row(Operation::RoomsList, "rooms.list", Method::Get, "/chat/rooms/", "List All Rooms")
    },
    OperationSpec {
        body: RequestBody::Json,
        success: &[201, 200],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::RoomsCreate,
            "rooms.create",
            Method::Post,
            "/chat/rooms/",
            "Create New Room",
        )
    },
    row(
        Operation::RoomsGet,
        "rooms.get",
        Method::Get,
        "/chat/rooms/{room_id}/",
        "Get Room Details",
    ),
    row(
        Operation::RoomsMarkRead,
        "rooms.mark_read",
        Method::Post,
        "/chat/rooms/{room_id}/mark_read/",
        "Mark Room as Read",
    ),
    OperationSpec {
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::RoomsLeave,
            "rooms.leave",
            Method::Post,
            "/chat/rooms/{room_id}/leave/",
            "Leave Room",
        )
    },
    OperationSpec {
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::RoomsArchive,
            "rooms.archive",
            Method::Post,
            "/chat/rooms/{room_id}/archive/",
            "Archive Room",
        )
    },
    row(
        Operation::RoomsStats,
        "rooms.stats",
        Method::Get,
        "/chat/rooms/{room_id}/stats/",
        "Get Room Statistics",
    ),
    OperationSpec {
        query: &[
            ROOM,
            QueryParameter {
                name: "page",
                required: false,
                kind: QueryKind::Integer { minimum: 1, maximum: None },
                description: "Page number (default: 1)",
            },
            QueryParameter {
                name: "page_size",
                required: false,
                kind: QueryKind::Integer { minimum: 1, maximum: Some(100) },
                description: "Results per page (default: 50, max: 100)",
            },
            QueryParameter {
                name: "ordering",
                required: false,
                kind: QueryKind::Enumeration(&["created_at", "-created_at"]),
                description: "`created_at` (oldest first) or `-created_at` (newest first)",
            },
        ],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::MessagesList,
            "messages.list",
            Method::Get,
            "/chat/messages/",
            "List Messages in Room",
        )
    },
    OperationSpec {
        body: RequestBody::JsonOrMultipart,
        success: &[201],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::MessagesSend,
            "messages.send",
            Method::Post,
            "/chat/messages/",
            "Send Message",
        )
    },
    row(
        Operation::MessagesGet,
        "messages.get",
        Method::Get,
        "/chat/messages/{message_id}/",
        "Get Message Details",
    ),
    OperationSpec {
        body: RequestBody::Json,
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::MessagesEdit,
            "messages.edit",
            Method::Patch,
            "/chat/messages/{message_id}/",
            "Edit Message",
        )
    },
    OperationSpec {
        success: &[200, 204],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::MessagesDelete,
            "messages.delete",
            Method::Delete,
            "/chat/messages/{message_id}/",
            "Delete Message",
        )
    },
    row(
        Operation::MessagesMarkRead,
        "messages.mark_read",
        Method::Post,
        "/chat/messages/{message_id}/mark_read/",
        "Mark Message as Read",
    ),
    OperationSpec {
        query: &[
            QueryParameter {
                name: "q",
                required: true,
                kind: QueryKind::Text { minimum_length: 3 },
                description: "Search query (min 3 characters)",
            },
            QueryParameter { required: false, description: "Limit to specific room", ..ROOM },
        ],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::MessagesSearch,
            "messages.search",
            Method::Get,
            "/chat/messages/search/",
            "Search Messages",
        )
    },
    OperationSpec {
        query: &[ROOM],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::ParticipantsList,
            "participants.list",
            Method::Get,
            "/chat/participants/",
            "List Participants",
        )
    },
    OperationSpec {
        body: RequestBody::Json,
        success: &[201, 200],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::ParticipantsAdd,
            "participants.add",
            Method::Post,
            "/chat/participants/",
            "Add Participant (Admin Only)",
        )
    },
    OperationSpec {
        success: &[200, 204],
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::ParticipantsRemove,
            "participants.remove",
            Method::Delete,
            "/chat/participants/{participant_id}/",
            "Remove Participant (Admin Only)",
        )
    },
    OperationSpec {
        body: RequestBody::Json,
        refusals: &[400, 401, 403, 404],
        ..row(
            Operation::ParticipantsMute,
            "participants.mute",
            Method::Post,
            "/chat/participants/{participant_id}/mute/",
            "Mute/Unmute Notifications",
        )
    },
];
