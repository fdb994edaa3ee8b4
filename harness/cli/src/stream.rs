//! The measurements of each second of a load run as lines of JSON, while the run goes on.

use std::fs::File;
use std::io::Write;
#[cfg(unix)]
use std::os::fd::AsFd as _;
#[cfg(windows)]
use std::os::windows::io::AsHandle as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use anyhow::Context as _;
use hearback_loadtests::Progress;
use hearback_runner::{Event, Observer};

use crate::failure::Failure;

/// Writes the lines on a thread of its own: a reader that is slow must not delay the swarm.
pub(crate) struct Stream {
    /// `None` ends the thread; observers live longer.
    lines: Sender<Option<String>>,
    thread: JoinHandle<()>,
}

impl Stream {
    /// Opens a file, or standard output for `-`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let output: Box<dyn Write + Send> = match path.as_os_str() == "-" {
            // A duplicate, because goose's output is discarded during the run.
            true => {
                #[cfg(unix)]
                let output = std::io::stdout().as_fd().try_clone_to_owned();
                #[cfg(windows)]
                let output = std::io::stdout().as_handle().try_clone_to_owned();
                Box::new(File::from(output.map_err(Failure::incomplete)?))
            }
            false => Box::new(
                File::create(path)
                    .with_context(|| format!("cannot write the stream to {}", path.display()))
                    .map_err(Failure::usage)?,
            ),
        };
        let (lines, received) = channel();
        let thread = std::thread::spawn(move || write(output, &received));
        Ok(Self { lines, thread })
    }

    /// An observer that also writes the lines.
    pub(crate) fn observed_by(&self, observer: Observer) -> Observer {
        let lines = self.lines.clone();
        Observer::new(move |event| {
            if let Event::Load(Progress::Running { second, .. }) = event
                && let Ok(line) = serde_json::to_string(second)
            {
                // A reader may have stopped reading, which does not end the run.
                let _is_written = lines.send(Some(line)).is_ok();
            }
            observer.observe(event);
        })
    }

    /// Writes the rest, and ends the thread.
    pub(crate) fn finish(self) {
        let _is_running = self.lines.send(None).is_ok();
        // A panic of the thread was printed by the thread.
        let _joined = self.thread.join();
    }
}

fn write(mut output: Box<dyn Write + Send>, lines: &Receiver<Option<String>>) {
    for line in lines.iter().map_while(|line| line) {
        if writeln!(output, "{line}").and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}
