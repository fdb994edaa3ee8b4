//! The cost of a socket and of a delivery for the generator, with all measurements of a run.
//!
//! Memory: 18,000 sockets in one process, in rooms of 50; the server is a second process. Processor time: deliveries per
//! CPU second, compared with a bare tokio-tungstenite loop that only counts frames, on the same server with the same
//! rooms and the same rate, in alternating rounds. Run `cargo bench -p hearback-loadtests --bench cost`; it takes about
//! two minutes. Needs 20,000 descriptors per process; with fewer, it opens fewer sockets and reports their number.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hearback_client::{Account, Target};
use hearback_history::RunEnd;
use hearback_loadtests::{LoadRecord, Profile, Progress, machine};
use hearback_reference::{Options as ServerOptions, Server, seeded};
use hearback_runner::load::{LoadRun, Options, PreparedLoad};
use hearback_runner::run::Identity;
use hearback_runner::{Context, Event, Observer, TargetUnderTest};
use reqwest::Client;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const ACCOUNTS: usize = 50;
const SECRET: &str = "a-key-of-thirty-two-bytes-or-more";
/// Members of each room.
const MEMBERS: usize = 50;
const SOCKETS: usize = 18_000;
/// Rooms, messages per second and rounds of the comparison.
const ROOMS: usize = 10;
const RATE: usize = 400;
const ROUNDS: usize = 3;
const SECONDS: u64 = 6;

/// The allocator of the shipped binary. Both sides of the comparison run in this process.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    machine::raise_descriptors();
    let runtime = machine::runtime().unwrap();
    if std::env::args().any(|argument| argument == "--serve") {
        runtime.block_on(serve());
        return;
    }
    runtime.block_on(async {
        memory().await;
        processor().await;
    });
}

/// The second process: the reference server, until its standard input ends.
async fn serve() {
    let options = ServerOptions {
        accounts: seeded(ACCOUNTS),
        jwt_secret: Some(SECRET.to_owned()),
        ..ServerOptions::default()
    };
    let server = Server::start(options, ([127, 0, 0, 1], 0).into()).await.unwrap();
    println!("{}", server.base_url());
    let ended = tokio::task::spawn_blocking(|| {
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).unwrap()
    });
    ended.await.unwrap();
}

struct Served {
    process: Child,
    base: String,
}

impl Served {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut base).unwrap();
        Self { process, base: base.trim().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

async fn prepare(
    served: &Served,
    (rooms, rate, seconds): (usize, usize, u64),
    progress: impl Fn(&Progress) + Send + Sync + 'static,
) -> PreparedLoad {
    let text = format!(
        r#"
        description = "Cost."
        accounts = {ACCOUNTS}
        warm_up = "1s"
        drain = "5s"
        connect_rate = 2000
        lag_bound = "10s"
        slos = ["lost = 0"]
        [[rooms]]
        count = {rooms}
        members = {MEMBERS}
        [personas]
        talker = {{ weight = 1 }}
        reader = {{ weight = 49, interval = "1h" }}
        [[phase]]
        kind = "constant"
        rate = {rate}
        duration = "{seconds}s"
        "#
    );
    let accounts = seeded(ACCOUNTS).into_iter().zip(1..).map(|(person, id)| Account {
        id: Some(id.into()),
        ..Account::with_password(person.username, person.password)
    });
    let target = TargetUnderTest::started(
        Target::new(&served.base, None).unwrap(),
        accounts.collect(),
        Some(SECRET.into()),
        Vec::new(),
        Some(served.process.id()),
    );
    let options = Options {
        identity: Identity { name: "cost".to_owned(), seed: 1 },
        interim: false,
        part: None,
        timeout: Duration::from_secs(30),
        goose_report: None,
        record: None,
        journal: None,
    };
    let observer = Observer::new(move |event| {
        if let Event::Load(event) = event {
            progress(event);
        }
    });
    let load = LoadRun::new(options, target, Context::with_observer(observer)).unwrap();
    load.prepare(Profile::parse("cost", "cost.toml", &text).unwrap(), None).await.unwrap()
}

async fn memory() {
    let allowed = machine::raise_descriptors().saturating_sub(machine::SPARE_DESCRIPTORS);
    let sockets = SOCKETS.min(usize::try_from(allowed).unwrap_or(usize::MAX));
    let served = Served::start();
    // Measured during deliveries, because handshakes need more memory for a moment.
    let resident = Arc::new(AtomicU64::new(0));
    let measured = Arc::clone(&resident);
    let measure = move |progress: &Progress| {
        if matches!(progress, Progress::Running { .. }) {
            measured.fetch_max(machine::memory(), Ordering::Relaxed);
        }
    };
    let prepared = prepare(&served, (sockets / MEMBERS, 50, 5), measure).await;
    let before = machine::memory();
    let record = prepared.run().await.unwrap().record;
    let open = record.connections.peak;
    let each = resident.load(Ordering::Relaxed).saturating_sub(before) / open.max(1);
    println!("memory: {open} sockets of {sockets}, {} rooms", record.profile.rooms);
    println!("  {:.1} KiB per socket (at most 20)", each as f64 / 1024.0);
    check(&record);
    prepared.archive(RunEnd::Completed).await;
}

async fn processor() {
    let served = Served::start();
    let (mut bare, mut swarm, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let prepared = prepare(&served, (ROOMS, RATE, SECONDS), |_| {}).await;
        let loops = count_frames(&served).await;
        let record = prepared.run().await.unwrap().record;
        check(&record);
        prepared.archive(RunEnd::Completed).await;
        // Complete seconds in the middle of the schedule.
        let seconds = record.series.iter().filter(|second| {
            second.at_s >= 1.0 && second.at_s + second.length_s <= (SECONDS + 1) as f64
        });
        let (delivered, cpu) = seconds.fold((0.0, 0.0), |(delivered, cpu), second| {
            (delivered + second.delivered as f64, cpu + second.generator_cpu * second.length_s)
        });
        bare.push(loops);
        swarm.push(delivered / cpu);
        ratios.push(delivered / cpu / loops);
    }
    let sockets = ROOMS * MEMBERS;
    println!(
        "deliveries per CPU second, {sockets} sockets, {} due per second (median of {ROUNDS})",
        RATE * MEMBERS
    );
    println!("  bare loop  {:>9.0}", median(bare));
    println!("  hearback   {:>9.0}  ratio {:.2} (at least 0.9)", median(swarm), median(ratios));
}

fn check(record: &LoadRecord) {
    let counts = &record.deliveries;
    assert!(counts.received > 0 && counts.lost == 0, "{counts:?} {:?}", record.end);
}

/// Deliveries per CPU second of a loop that reads frames and counts them.
async fn count_frames(served: &Served) -> f64 {
    let client = Client::new();
    let mut tokens = Vec::new();
    for account in seeded(ACCOUNTS) {
        let body = json!({ "username": account.username, "password": account.password });
        let request = client.post(format!("{}/token/", served.base)).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        tokens.push(answer["access"].as_str().unwrap().to_owned());
    }
    let counted = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..ROOMS {
        let members: Vec<_> = (2..=MEMBERS).collect();
        let body = json!({ "room_type": "group", "name": "bare", "participant_ids": members });
        let request = client.post(format!("{}/chat/rooms/", served.base)).bearer_auth(&tokens[0]);
        let room: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        let room = room["id"].as_str().unwrap().to_owned();
        for (member, token) in tokens.iter().enumerate() {
            let base = served.base.replace("http://", "ws://").replace("/api", "/ws");
            let url = format!("{base}/chat/{room}/?token={token}");
            let config = WebSocketConfig::default().read_buffer_size(16 << 10);
            let (socket, _) = connect_async_with_config(url, Some(config), true).await.unwrap();
            let (mut writer, mut reader) = socket.split();
            let counted = Arc::clone(&counted);
            tasks.push(tokio::spawn(async move {
                while let Some(Ok(Message::Text(_))) = reader.next().await {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }));
            if member == 0 {
                let text =
                    json!({ "type": "chat_message", "message": "x".repeat(100) }).to_string();
                let interval = Duration::from_secs_f64(ROOMS as f64 / RATE as f64);
                tasks.push(tokio::spawn(async move {
                    let mut ticks = tokio::time::interval(interval);
                    loop {
                        ticks.tick().await;
                        writer.send(Message::text(text.clone())).await.unwrap();
                    }
                }));
            }
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (cpu, before) = (machine::cpu(), counted.load(Ordering::Relaxed));
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    let (cpu, deliveries) = (machine::cpu() - cpu, counted.load(Ordering::Relaxed) - before);
    tasks.into_iter().for_each(|task| task.abort());
    deliveries as f64 / cpu.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
