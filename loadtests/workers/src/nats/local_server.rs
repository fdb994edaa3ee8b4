//! A NATS server on this machine, for workers on this machine.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use super::NatsOptions;
use crate::error::WorkersError;

/// Name of the program.
const PROGRAM: &str = "nats-server";
/// Starts the server, and ends it a minute after standard input ends: time for workers whose coordinator was killed. Its
/// files contain the secrets of assignments.
const SCRIPT: &str = r#""$0" --config "$1" --ports_file_dir "$2" >/dev/null 2>&1 & cat >/dev/null; sleep 60; kill $!; wait; rm -rf "$2""#;
/// Time in which it starts.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A server on a free port of the loopback address, with a token of its own; it ends when this is dropped.
pub(crate) struct LocalServer {
    process: Child,
    folder: PathBuf,
    url: SecretString,
}

/// The file in which the server writes its ports.
#[derive(Deserialize)]
struct Ports {
    nats: Vec<String>,
}

impl LocalServer {
    /// Starts the server; `token` is the password of its only user, and its files are kept in `folder` until it ends.
    ///
    /// # Errors
    /// If it is not installed, or does not start.
    pub(crate) async fn start(folder: PathBuf, token: &str) -> Result<Self, WorkersError> {
        let failed = |error: &dyn std::fmt::Display| WorkersError::Server(error.to_string());
        std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        let config = configuration(&folder, token).map_err(|error| failed(&error))?;
        if !is_installed() {
            return Err(WorkersError::NoServer);
        }
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, PROGRAM]).arg(config).arg(&folder).stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C is for this process: the server is needed until the run has ended.
        command.process_group(0);
        let process = command.spawn().map_err(|error| failed(&error))?;
        let mut server = Self { process, folder, url: SecretString::default() };
        let address = server.address().await?;
        server.url = format!("nats://{token}@{address}").into();
        Ok(server)
    }

    /// The options of a connection to it.
    pub(crate) fn options(&self) -> NatsOptions {
        NatsOptions { url: self.url.clone(), ..NatsOptions::default() }
    }

    /// Waits for the file with the ports.
    async fn address(&mut self) -> Result<String, WorkersError> {
        let until = Instant::now() + START_TIMEOUT;
        while Instant::now() < until {
            let ports = ports_file(&self.folder).and_then(|file| std::fs::read(file).ok());
            let ports = ports.and_then(|text| serde_json::from_slice::<Ports>(&text).ok());
            let url = ports.and_then(|ports| ports.nats.into_iter().next());
            if let Some(address) = url.as_deref().and_then(|url| url.strip_prefix("nats://")) {
                return Ok(address.to_owned());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(WorkersError::Server(format!("it ended with {status}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(WorkersError::Server(format!("it did not listen within {} s", START_TIMEOUT.as_secs())))
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        // The server, too. They may have ended on their own.
        if let Some(group) = Pid::from_raw(self.process.id().cast_signed()) {
            kill_process_group(group, Signal::KILL).ok();
        }
        self.process.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn is_installed() -> bool {
    let version = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// The file with the ports, once the server has written it.
fn ports_file(folder: &Path) -> Option<PathBuf> {
    let mut files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|file| file.path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "ports"))
}

/// Writes the configuration, which only the owner can read.
fn configuration(folder: &Path, token: &str) -> std::io::Result<PathBuf> {
    let path = folder.join("nats.conf");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let store = folder.join("store");
    let text = format!(
        "host: 127.0.0.1\nport: -1\nauthorization {{ token: \"{token}\" }}\njetstream {{ store_dir: {:?} }}\n",
        store.display().to_string()
    );
    options.open(&path)?.write_all(text.as_bytes())?;
    Ok(path)
}
