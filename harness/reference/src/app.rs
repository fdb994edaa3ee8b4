//! What all requests share.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::chat::Chat;
use crate::directory::{Directory, User};
use crate::faults::Faults;
use crate::refusal::Refusal;
use crate::token::{Door, Signer};

/// The state of one server.
pub(crate) struct App {
    /// Who exists.
    pub(crate) directory: Arc<Directory>,
    /// Issues and verifies tokens.
    pub(crate) signer: Signer,
    /// What is broken on purpose.
    pub(crate) faults: Arc<Faults>,
    /// Largest attachment, in bytes.
    pub(crate) media_limit: usize,
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    chat: Mutex<Chat>,
}

/// The state, as handlers get it.
pub(crate) type SharedApp = Arc<App>;

impl App {
    /// The state around a chat.
    pub(crate) fn new(chat: Chat, signer: Signer, media_limit: usize, address: SocketAddr) -> Self {
        Self {
            directory: Arc::clone(&chat.directory),
            faults: Arc::clone(&chat.faults),
            signer,
            media_limit,
            address,
            chat: Mutex::new(chat),
        }
    }

    /// The chat, alone. What is done under this lock takes microseconds and never waits.
    pub(crate) fn chat(&self) -> MutexGuard<'_, Chat> {
        self.chat.lock()
    }

    /// The user whose token this is.
    pub(crate) fn user(&self, token: Option<&str>, door: Door) -> Result<Arc<User>, Refusal> {
        let id = token
            .ok_or(Refusal::Unauthenticated("A token is required."))
            .and_then(|token| self.signer.verify(token, door.opened_by()))
            .or_else(|refusal| self.faults.overlook(&self.signer, token, door).ok_or(refusal))?;
        let user = self.directory.find(id);
        user.cloned().ok_or(Refusal::Unauthenticated("The token's user does not exist."))
    }
}
