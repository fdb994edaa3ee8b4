//! The state that all requests share.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::chat::Chat;
use crate::directory::Directory;
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::tokens::{EntryPoint, Signer};
use crate::users::User;

/// The state of one server.
pub struct App {
    /// The users.
    pub directory: Arc<Directory>,
    /// Issues and verifies tokens.
    pub signer: Signer,
    /// Decisions of the chat.
    pub(crate) rules: Rules,
    /// Maximum size of an attachment, in bytes.
    pub(crate) media_limit: usize,
    /// Address that the server listens on.
    pub(crate) address: SocketAddr,
    chat: Mutex<Chat>,
}

/// The state as handlers receive it.
pub(crate) type SharedApp = Arc<App>;

impl App {
    /// The state around a chat.
    pub(crate) fn new(chat: Chat, signer: Signer, media_limit: usize, address: SocketAddr) -> Self {
        Self {
            directory: Arc::clone(&chat.directory),
            rules: chat.rules.clone(),
            signer,
            media_limit,
            address,
            chat: Mutex::new(chat),
        }
    }

    /// Locks the chat. Work under this lock takes microseconds and never waits.
    pub fn chat(&self) -> MutexGuard<'_, Chat> {
        self.chat.lock()
    }

    /// The user with this username and password. Section *Getting JWT Tokens*.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the rules of [`crate::rules::Authentication`] reject the login.
    pub fn log_in(&self, username: &str, password: &str) -> Result<&Arc<User>, Refusal> {
        let authentication = &self.rules.authentication;
        match self.directory.account(username) {
            Some((user, credentials)) if authentication.accepts(credentials, password) => Ok(user),
            account => Err(authentication.login_refusal(account.is_some())),
        }
    }

    /// The user who shows this token at an entry point. Section *Using Tokens*.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the rules of [`crate::rules::Authentication`] reject the token, or its user
    /// does not exist.
    pub fn user(&self, token: Option<&str>, entry: EntryPoint) -> Result<Arc<User>, Refusal> {
        let id = self.rules.authentication.authenticate(&self.signer, token, entry)?;
        let user = self.directory.find(id);
        user.cloned().ok_or(Refusal::Unauthenticated("The user of the token does not exist."))
    }
}
