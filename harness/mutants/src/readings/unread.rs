//! Readings of unread counts.

use hearback_contract::ReadingId;

use super::counting::Receipts;
use super::switch::{ReadingSwitch, counting};

pub(super) const ROWS: &[ReadingSwitch] = &[
    counting(ReadingId::UnreadBeforeFirstMarkAll, |counting| counting.before_joining = true),
    counting(ReadingId::ReceiptMovesUnreadUpTo, |counting| counting.receipts = Receipts::UpTo),
    counting(ReadingId::ReceiptMovesUnreadNotAtAll, |counting| {
        counting.receipts = Receipts::Ignored;
    }),
    counting(ReadingId::RoomMarkAndReadByTimeOnly, |counting| {
        counting.marks_without_readers = true;
    }),
    counting(ReadingId::DeletedCountsUnreadYes, |counting| counting.deleted = true),
];
