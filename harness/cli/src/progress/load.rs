//! Progress of a load run: a panel on a terminal, a plain line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use hearback_reports::progress::{LoadLines, notice};
use hearback_runner::{Event, Observer};

use super::panel::Panel;

/// Events that wait to be printed.
const QUEUE: usize = 100;

/// Prints progress on a thread of its own: a terminal that blocks must not delay the swarm.
pub(crate) struct LoadProgress {
    events: SyncSender<Option<Event>>,
    thread: JoinHandle<()>,
}

impl LoadProgress {
    /// Starts the thread.
    pub(crate) fn start(is_quiet: bool) -> Self {
        let (events, queue) = sync_channel::<Option<Event>>(QUEUE);
        let mut show: Box<dyn FnMut(&Event) + Send> = if is_quiet {
            Box::new(|event| notice(event).into_iter().for_each(|text| eprintln!("{text}")))
        } else if std::io::stderr().is_terminal() {
            let mut panel = Panel::new();
            Box::new(move |event| panel.show(event))
        } else {
            let mut lines = LoadLines::default();
            Box::new(move |event| lines.of(event).into_iter().for_each(|line| eprintln!("{line}")))
        };
        let thread = std::thread::spawn(move || {
            queue.iter().map_while(|event| event).for_each(|event| show(&event));
        });
        Self { events, thread }
    }

    /// The observer to pass to the runner.
    pub(crate) fn observer(&self) -> Observer {
        let events = self.events.clone();
        Observer::new(move |event| {
            // Progress between deliveries must not wait; what does not fit is outdated by the time it could be shown.
            let _sent = match event {
                Event::Load(_) => events.try_send(Some(event.clone())).is_ok(),
                _ => events.send(Some(event.clone())).is_ok(),
            };
        })
    }

    /// Prints the queued events, and ends the thread.
    pub(crate) fn finish(self) {
        let _ended = self.events.send(None);
        // A panic of the thread was printed by the thread.
        let _joined = self.thread.join();
    }
}
