//! A server that lets members make themselves admins.

use rusqlite::Result;

use super::Behaviour;
use crate::chat::Chat;
use crate::fields::Fields;
use crate::store::participants::Participant;

/// After a member muted their notifications with a request of these fields.
pub(crate) fn muted(chat: &Chat, participant: &mut Participant, fields: &Fields) -> Result<()> {
    let asks = matches!(fields.boolean("is_admin"), Ok(Some(true)));
    if asks && chat.faults.has(Behaviour::MutingPromotes) {
        let sql = "UPDATE participants SET is_admin = 1 WHERE id = ?";
        chat.store.run(sql, [participant.id])?;
        participant.is_admin = true;
    }
    Ok(())
}
