//! The readings that a target takes, for all formats.

use hearback_results::{Answer, Pin, Results};

use crate::table::{Cell, Row, Table, Tone};
use crate::words::{counted, number};

/// A row per observed reading, and one per pinned reading that was not observed.
pub(crate) fn table(results: &Results) -> Table {
    let columns = ["question", "reading", "meaning", "#observations", "first event", ""];
    Table::new("Readings", &columns, results.answers.iter().flat_map(rows).collect()).detail()
}

fn rows(answer: &Answer) -> Vec<Row> {
    let question = answer.question.as_str();
    let row =
        |tone, cells: [Cell; 5]| Row::new(tone, std::iter::once(question.into()).chain(cells));
    let is_pinned = |reading| answer.pinned == Some(reading);
    let mut rows: Vec<_> = (answer.observed.iter())
        .map(|observed| {
            let note = match answer.pinned {
                Some(_) if is_pinned(observed.reading) => "pinned",
                Some(_) => "not the pinned reading",
                None if answer.is_mixed() => "one of several readings",
                None => "",
            };
            let tone = Tone::bad_if(answer.pinned.is_some() && !is_pinned(observed.reading));
            let cells = [
                observed.reading.own().into(),
                observed.reading.reading().text.into(),
                number(observed.observations).into(),
                Cell::untrusted(observed.event.as_str()),
                note.into(),
            ];
            row(tone, cells)
        })
        .collect();
    if let Some(pinned) = answer.pinned.filter(|_| answer.pin() == Some(Pin::Unobserved)) {
        let note = "pinned, not observed".into();
        let text = pinned.reading().text.into();
        let cells = [pinned.own().into(), text, "0".into(), "".into(), note];
        rows.push(row(Tone::Plain, cells));
    }
    rows
}

/// `58 questions answered, 2 of them in several ways`.
pub(crate) fn summary(results: &Results) -> String {
    let answered = results.answers.iter().filter(|answer| !answer.observed.is_empty()).count();
    let mixed = results.answers.iter().filter(|answer| answer.is_mixed()).count();
    let mut text = format!("{} answered", counted(answered as u64, "question"));
    if mixed > 0 {
        text.push_str(&format!(", {} of them in several ways", number(mixed as u64)));
    }
    text
}

/// A sentence per pinned reading that the target does not take or did not show; `quoted` renders text of the target.
pub(crate) fn problems(results: &Results, quoted: impl Fn(&str) -> String) -> Vec<String> {
    results.answers.iter().filter_map(|answer| problem(answer, &quoted)).collect()
}

/// The problem of a pinned reading, if there is one.
pub(crate) fn problem(answer: &Answer, quoted: impl Fn(&str) -> String) -> Option<String> {
    let pinned = answer.pinned?;
    match answer.pin()? {
        Pin::Kept => None,
        Pin::Unobserved => Some(format!("{pinned} is pinned and was not observed")),
        Pin::Changed => {
            let others = answer.observed.iter().filter(|observed| observed.reading != pinned);
            let observed = others.map(|observed| {
                let first = quoted(&observed.event);
                let times = crate::words::times(observed.observations);
                format!("{} was observed {times}, first: {first}", observed.reading)
            });
            let observed = observed.collect::<Vec<_>>().join("; ");
            Some(format!("{pinned} is pinned, but {observed}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::style::Style;
    use crate::table::Layout;

    #[test]
    fn readings_are_listed_with_their_pins() {
        let results = fixtures::pinned();
        let listed = table(&results).text(Style::default(), Layout::LIST);
        let problems = problems(&results, str::to_owned).join("\n");
        insta::assert_snapshot!(format!("{listed}\n{}\n{problems}", summary(&results)));
    }
}
