//! Types of messages.

use crate::closed_set::closed_set;

closed_set! {
    /// The content of a message. Section *ChatMessage*.
    MessageType { Text = "text", Image = "image", File = "file", System = "system" }
}
