//! The contract: the behavior that the AriStay Chat API, version 1.0.0, requires of a backend.
//!
//! Everything here is data with a thin typed interface: REST operations, socket events, JSON Schemas,
//! requirements, the authorization policy, and the ambiguities of the specification.

pub mod ambiguity;
pub mod event;
pub mod examples;
pub mod export;
mod not_testable;
pub mod operation;
pub mod overlay;
pub mod policy;
pub mod requirement;
mod resource_id;
pub mod schemas;
pub mod specification;
pub mod suggestion;
mod table_id;

pub use ambiguity::{Ambiguity, AmbiguityId, Reading, ReadingId};
pub use event::{ClientEvent, ServerEvent};
pub use not_testable::{NOT_TESTABLE, NotTestable};
pub use operation::{Access, Method, Operation, OperationSpec, QueryKind, RequestBody};
pub use policy::{Action, InvalidCredential, Permission, Relation, Role};
pub use requirement::{Basis, FamilyId, Level, Requirement, RequirementId};
pub use resource_id::{MessageId, MessageRef, ParticipantId, RoomId, RoomRef, UserId};
pub use specification::{SPECIFICATION, SPECIFICATION_VERSION};
pub use suggestion::{Suggestions, UnknownId};
