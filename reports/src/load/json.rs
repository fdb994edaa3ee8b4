//! The JSON Schema that the record of a load run fits.

/// The JSON Schema (2020-12) of the JSON report of a load run.
pub const LOAD_SCHEMA: &str = include_str!("../../load.schema.json");

#[cfg(test)]
mod tests {
    use hearback_measure::record::End;
    use hearback_measure::{LoadRecord, made_up};
    use serde_json::Value;

    use super::*;
    use crate::escape::is_hidden;
    use crate::fixtures::HOSTILE;
    use crate::format::Style;
    use crate::json::render;
    use crate::json::testing::{assert_exact, assert_fits, validator};

    fn rendered(record: &LoadRecord) -> Value {
        serde_json::from_str(&render(record, Style::default())).unwrap()
    }

    /// The made-up record with less of what repeats.
    fn short() -> LoadRecord {
        let mut record = made_up::record();
        record.series.truncate(1);
        record.void = vec!["late".to_owned()];
        record
    }

    #[test]
    fn records_of_every_kind_fit_the_schema() {
        let mut aborted = made_up::record();
        aborted.end = End::Aborted { reason: "the target is gone".to_owned() };
        // What each fault is called is held against the schema, too.
        for fault in hearback_measure::Fault::ALL {
            aborted.faults.add(fault, 1);
        }
        let validator = validator(LOAD_SCHEMA);
        for record in
            [made_up::record(), aborted, LoadRecord { format: 1, ..LoadRecord::default() }]
        {
            assert_fits(&validator, &rendered(&record));
        }
    }

    #[test]
    fn members_too_many_or_too_few_do_not_fit() {
        let optional = [
            "void",
            "examples",
            "worst_rooms",
            "sample",
            "capacity",
            "histogram",
            "server_cpu_s",
            "server_cpu",
            "holds",
            "breaks",
        ];
        assert_exact(&validator(LOAD_SCHEMA), &rendered(&short()), |path, name| {
            optional.contains(&name)
                || path.ends_with("/faults")
                || (path.starts_with("/series/") && name == "faults")
        });
    }

    #[test]
    fn hostile_text_is_kept_but_cannot_act_on_a_terminal() {
        let mut record = short();
        record.target = HOSTILE.to_owned();
        record.examples[0].text = HOSTILE.to_owned();
        let json = render(&record, Style::default());
        assert_eq!(json.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let read: LoadRecord = serde_json::from_str(&json).unwrap();
        assert_eq!((&*read.target, &read.examples), (HOSTILE, &record.examples));
    }
}
