//! A load run in a few lines.

use std::fmt::Write as _;

use hearback_measure::record::End;
use hearback_measure::{Distribution, LoadRecord, Outcome, Unit};

/// The record in plain text.
pub(crate) fn render(record: &LoadRecord) -> String {
    let mut text = String::new();
    let profile = &record.profile;
    let _ = writeln!(
        text,
        "Load on {}: {} ({} rooms, {} sockets, {} accounts), {:.0} s\nrun {}, seed {}\n",
        record.target,
        profile.name,
        profile.rooms,
        profile.members,
        profile.accounts,
        record.duration_s,
        record.run,
        record.seed,
    );
    let _ = writeln!(text, "{:<26}{:>10}{:>10}{:>10}{:>10}", "ms", "p50", "p99", "p99.9", "max");
    let latencies = &record.latencies;
    for (name, distribution) in [
        ("each recipient", &latencies.delivery),
        ("last recipient", &latencies.last),
        ("from the real send", &latencies.service),
        ("connecting", &latencies.connect),
        ("generator's own lag", &latencies.lag),
    ] {
        row(&mut text, name, distribution);
    }
    for request in &record.requests {
        row(&mut text, &request.operation, &request.latency);
    }
    let account = &record.account;
    let _ = writeln!(
        text,
        "\n{} of {} messages sent, {} deliveries expected: {} received, {} lost, {} duplicate, {} out of \
         order, {} leaked, {} late",
        record.sends.sent,
        record.sends.offered,
        account.expected,
        account.received,
        account.lost,
        account.duplicate,
        account.out_of_order,
        account.leaked,
        account.late,
    );
    for (fault, times) in record.faults.iter() {
        let example = record.examples.iter().find(|example| example.fault == fault);
        let said = example.map_or_else(String::new, |example| format!(": {}", example.text));
        let _ = writeln!(text, "{times} × {fault}{said}");
    }
    if let Some(sample) = &record.sample {
        let _ = writeln!(
            text,
            "{} sampled rooms: {} events, {} requirements held, {} broken",
            sample.rooms,
            sample.events,
            sample.held,
            sample.broken.len(),
        );
        for finding in &sample.broken {
            let _ = writeln!(text, "  {}: {}", finding.requirement, finding.finding);
        }
    }
    text.push('\n');
    for slo in &record.slos {
        let sign = if slo.met { "met    " } else { "NOT MET" };
        let _ = writeln!(text, "{sign}  {:<32} {}", slo.slo, slo.measured);
    }
    for reason in &record.void {
        let _ = writeln!(text, "VOID: {reason}");
    }
    if let End::Aborted { reason } = &record.end {
        let _ = writeln!(text, "The run could not go on: {reason}");
    }
    let met = record.slos.iter().filter(|slo| slo.met).count();
    let verdict = match record.outcome() {
        Outcome::Met => "MET",
        Outcome::NotMet => "NOT MET",
        Outcome::Void => "VOID",
        Outcome::Incomplete => "INCOMPLETE",
        Outcome::NothingMeasured => "NOTHING MEASURED",
    };
    let _ = writeln!(text, "\n{verdict}: {met} of {} service levels", record.slos.len());
    text
}

fn row(text: &mut String, name: &str, distribution: &Distribution) {
    if distribution.is_empty() {
        return;
    }
    let _ = write!(text, "{name:<26}");
    for share in [0.5, 0.99, 0.999, 1.0] {
        let shown = Unit::Milliseconds.shown(distribution.quantile(share));
        let _ = write!(text, "{:>10}", shown.trim_end_matches(" ms"));
    }
    text.push('\n');
}
