//! Turns the data files into typed tables: an enum of ids per table, and its rows.
//!
//! A duplicate id, a reference to an id that does not exist, or a misspelled key fails the build with
//! the name of the file.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The families of requirements, in the order of the report; each is a file in `requirements/`.
const FAMILIES: [&str; 18] = [
    "auth",
    "schema",
    "status",
    "input",
    "room",
    "message",
    "page",
    "socket",
    "device",
    "protocol",
    "delivery",
    "order",
    "receipts",
    "unread",
    "deletion",
    "participant",
    "authorization",
    "custom",
];

fn main() {
    // Cargo does not see the files that `include_dir!` embeds.
    for path in ["models", "rest", "socket", "examples", "requirements", "ambiguities.toml"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let output = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let write = |file: &str, code: String| {
        fs::write(Path::new(&output).join(file), code).expect("OUT_DIR is writable");
    };
    write("requirements.rs", requirements());
    write("ambiguities.rs", ambiguities());
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    family: String,
    title: String,
    /// Requirements that all others of the family need.
    #[serde(default)]
    needs: Vec<String>,
    /// The `conclusive` of requirements without their own.
    conclusive: Option<String>,
    /// The `explains` of each requirement of the family, beside its own.
    #[serde(default)]
    explains: BTreeMap<Tie, Vec<String>>,
    /// None in the family of requirements that overlays add.
    #[serde(default)]
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    level: Level,
    section: String,
    quote: Option<String>,
    reason: Option<String>,
    protects: Option<String>,
    statement: String,
    violation: String,
    checked: String,
    #[serde(default)]
    needs: Vec<String>,
    conclusive: Option<String>,
    /// Prefixes of requirements that a violation breaks as well, by what both have in common.
    #[serde(default)]
    explains: BTreeMap<Tie, Vec<String>>,
}

/// The common subject of two violations, the closest first.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Tie {
    Message,
    Room,
    Operation,
    #[serde(rename = "everywhere")]
    Nothing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Note,
    Should,
    Must,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    ambiguity: Vec<Ambiguity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ambiguity {
    id: String,
    section: String,
    question: String,
    accepts: String,
    details: Option<String>,
    reading: Vec<Reading>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    id: String,
    text: String,
    /// True for the reading that the embedded server takes.
    #[serde(default)]
    reference: bool,
}

/// `RequirementId`, `FamilyId` and their rows as Rust.
fn requirements() -> String {
    let families = families();
    let (mut family_ids, mut ids) = (Ids::new("FamilyId"), Ids::new("RequirementId"));
    for (file, family) in &families {
        family_ids.add(file, &family.family, &family.title);
        for row in &family.requirement {
            let prefix = row.id.split_once('/').map(|(prefix, _)| prefix);
            assert_eq!(prefix, Some(&*family.family), "{file}: family of `{}`", row.id);
            ids.add(file, &row.id, &row.statement);
        }
    }

    let (mut rows, mut family_rows, mut start) = (String::new(), String::new(), 0);
    for (file, family) in &families {
        let family_id = family_ids.path(&family.family).expect("added above");
        let (title, end) = (&family.title, start + family.requirement.len());
        for row in &family.requirement {
            rows += &row.code(&family_id, family, &ids, |id| {
                let unknown = || panic!("{file}: `{}` needs unknown requirement `{id}`", row.id);
                ids.path(id).unwrap_or_else(unknown)
            });
        }
        family_rows += &format!(
            "Family {{ id: {family_id}, title: {title:?}, \
             requirements: REQUIREMENTS.split_at({end}).0.split_at({start}).1 }},\n",
        );
        start = end;
    }
    format!(
        "{}{}static REQUIREMENTS: &[Requirement] = &[\n{rows}];\n\
         static FAMILIES: &[Family] = &[\n{family_rows}];\n",
        ids.constants(),
        family_ids.code(),
    )
}

/// The files of the families, parsed.
fn families() -> [(String, Family); FAMILIES.len()] {
    for entry in fs::read_dir("requirements").expect("requirements/ is readable") {
        let path = entry.expect("requirements/ is readable").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        assert!(FAMILIES.contains(&name), "{}: not listed in build.rs", path.display());
    }
    FAMILIES.map(|name| {
        let file = format!("requirements/{name}.toml");
        let family: Family = parse(&file);
        assert_eq!(family.family, name, "{file}: `family` differs from the name of the file");
        (file, family)
    })
}

impl Requirement {
    /// The row as Rust, with what it inherits from its family.
    fn code(
        &self,
        family_id: &str,
        family: &Family,
        ids: &Ids,
        path: impl Fn(&str) -> String,
    ) -> String {
        let Self { id, level, section, statement, violation, checked, needs, .. } = self;
        let inherited = family.needs.iter().filter(|need| *need != id);
        let needs: Vec<_> = needs.iter().chain(inherited).map(|need| path(need)).collect();
        let conclusive = self.conclusive.as_ref().or(family.conclusive.as_ref());
        format!(
            "Requirement {{ id: {}, family: {family_id}, level: Level::{level:?}, \
             section: {section:?}, basis: {}, \
             statement: {statement:?}, violation: {violation:?}, checked: {checked:?}, \
             needs: &[{}], conclusive: {conclusive:?}, explains: &[{}] }},\n",
            path(id),
            self.basis(),
            needs.join(", "),
            self.explained(family, ids),
        )
    }

    /// The requirements that it explains as Rust, with those of its family; the first tie of each counts.
    fn explained(&self, family: &Family, ids: &Ids) -> String {
        let ties = self.explains.iter().chain(&family.explains);
        let own = ids.path(&self.id).expect("added above");
        let mut explained = BTreeMap::new();
        for (tie, prefixes) in ties {
            for prefix in prefixes {
                let paths = ids.paths(prefix);
                assert!(!paths.is_empty(), "`{}` explains unknown requirement `{prefix}`", self.id);
                for path in paths.into_iter().filter(|path| *path != own) {
                    explained.entry(path).or_insert(tie);
                }
            }
        }
        explained.iter().map(|(path, tie)| format!("({path}, Tie::{tie:?}), ")).collect()
    }

    /// The basis as Rust; each level requires its own keys.
    fn basis(&self) -> String {
        let Self { id, level, quote, reason, protects, .. } = self;
        match (level, quote, reason, protects) {
            (Level::Must, Some(quote), None, None) => format!("Basis::Stated({quote:?})"),
            (Level::Should, None, Some(reason), Some(protects)) => {
                format!("Basis::Inferred {{ reason: {reason:?}, protects: {protects:?} }}")
            }
            (Level::Note, None, Some(reason), None) => format!("Basis::Silent({reason:?})"),
            _ => panic!(
                "`{id}`: a must requires `quote` only, a should `reason` and `protects`, and a note `reason`",
            ),
        }
    }
}

/// `AmbiguityId`, `ReadingId` and their rows as Rust.
fn ambiguities() -> String {
    let file = "ambiguities.toml";
    let register: Register = parse(file);
    let (mut ids, mut reading_ids) = (Ids::new("AmbiguityId"), Ids::new("ReadingId"));
    for row in &register.ambiguity {
        ids.add(file, &row.id, &row.question);
        for reading in &row.reading {
            reading_ids.add(file, &row.reading_id(reading), &reading.text);
        }
    }

    let (mut rows, mut reading_rows, mut start) = (String::new(), String::new(), 0);
    for row in &register.ambiguity {
        let Ambiguity { id, section, question, accepts, details, reading } = row;
        let (id, end) = (ids.path(id).expect("added above"), start + reading.len());
        let reference = row.reference(file);
        for reading in reading {
            let Reading { text, reference, .. } = reading;
            let reading_id = reading_ids.path(&row.reading_id(reading)).expect("added above");
            reading_rows += &format!(
                "Reading {{ id: {reading_id}, ambiguity: {id}, text: {text:?}, \
                 is_reference: {reference} }},\n",
            );
        }
        let reference = reading_ids.path(&row.reading_id(reference)).expect("added above");
        rows += &format!(
            "Ambiguity {{ id: {id}, section: {section:?}, question: {question:?}, \
             readings: READINGS.split_at({end}).0.split_at({start}).1, \
             accepts: {accepts:?}, reference: {reference}, details: {details:?} }},\n",
        );
        start = end;
    }
    format!(
        "{}{}static READINGS: &[Reading] = &[\n{reading_rows}];\n\
         static AMBIGUITIES: &[Ambiguity] = &[\n{rows}];\n",
        ids.code(),
        reading_ids.code(),
    )
}

impl Ambiguity {
    /// The id of a reading among those of all ambiguities.
    fn reading_id(&self, reading: &Reading) -> String {
        format!("{}={}", self.id, reading.id)
    }

    /// The reading that the embedded server takes.
    fn reference(&self, file: &str) -> &Reading {
        let mut references = self.reading.iter().filter(|reading| reading.reference);
        match (references.next(), references.next()) {
            (Some(reference), None) => reference,
            _ => panic!("{file}: `{}` does not have exactly one `reference` reading", self.id),
        }
    }
}

fn parse<T: DeserializeOwned>(file: &str) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The ids of one table, in its order.
struct Ids {
    /// The name of the enum.
    name: &'static str,
    /// Variant, id and documentation.
    rows: Vec<(String, String, String)>,
}

impl Ids {
    fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new() }
    }

    fn add(&mut self, file: &str, id: &str, documentation: &str) {
        let variant = variant(id);
        if let Some((_, other, _)) = self.rows.iter().find(|(other, ..)| *other == variant) {
            panic!("{file}: id `{id}` duplicates `{other}`");
        }
        let documentation = documentation.replace('[', "\\[").replace('<', "\\<");
        self.rows.push((variant, id.to_owned(), format!("`{id}`: {documentation}")));
    }

    /// The path of the variant, if the id exists.
    fn path(&self, id: &str) -> Option<String> {
        let (variant, ..) = self.rows.iter().find(|(_, known, _)| known == id)?;
        Some(format!("{}::{variant}", self.name))
    }

    /// The paths of the ids that are `prefix`, or start with it up to a boundary.
    fn paths(&self, prefix: &str) -> Vec<String> {
        let matching = self.rows.iter().filter(|(_, id, _)| {
            let rest = id.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '-', '.']))
        });
        matching.map(|(variant, ..)| format!("{}::{variant}", self.name)).collect()
    }

    /// A newtype with a constant per id, the list of them and of their texts: further ids follow them.
    fn constants(&self) -> String {
        let (name, count) = (self.name, self.rows.len());
        let rows = self.rows.iter().enumerate();
        let constants: String = rows
            .map(|(index, (variant, _, doc))| {
                format!("#[doc = {doc:?}]\npub const {variant}: Self = Self({index});\n")
            })
            .collect();
        let all: String = self.rows.iter().map(|(it, ..)| format!("Self::{it}, ")).collect();
        let texts: String = self.rows.iter().map(|(_, id, _)| format!("{id:?}, ")).collect();
        format!(
            "/// The id of one row of the table, or of one that an overlay adds.\n\
             #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
             pub struct {name}(u16);\n\
             #[allow(non_upper_case_globals, reason = \"they are used like the variants of an enum\")]\n\
             impl {name} {{\n{constants}\
             /// Every id of the shipped table, in its order.\n\
             pub const SHIPPED: [Self; {count}] = [{all}];\n\
             const TEXTS: [&'static str; {count}] = [{texts}];\n\
             }}\n",
        )
    }

    /// The enum with its `ALL` and `as_str`.
    fn code(&self) -> String {
        let (name, count) = (self.name, self.rows.len());
        let lines = |line: fn(&(String, String, String)) -> String| -> String {
            self.rows.iter().map(line).collect()
        };
        let variants = lines(|(variant, _, doc)| format!("#[doc = {doc:?}] {variant},\n"));
        let all = lines(|(variant, ..)| format!("Self::{variant}, "));
        let texts = lines(|(variant, id, _)| format!("Self::{variant} => {id:?},\n"));
        format!(
            "/// The id of one row of the table.\n\
             #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
             pub enum {name} {{\n{variants}}}\n\
             impl {name} {{\n\
             /// Every id, in the order of the table.\n\
             pub const ALL: [Self; {count}] = [{all}];\n\
             /// The id as text.\n\
             pub const fn as_str(self) -> &'static str {{\nmatch self {{\n{texts}}}\n}}\n\
             }}\n",
        )
    }
}

/// `AuthorizationMessagesGet` for `authorization/messages.get`.
fn variant(id: &str) -> String {
    id.split(['/', '-', '.', '_', '='])
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_uppercase(), rest.to_owned()]
        })
        .collect()
}
