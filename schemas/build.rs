//! Turns the data files into typed tables: one enum of ids for each register, and its rows.
//!
//! A duplicate id, a reference to an id that does not exist, or a misspelled key fails the build with
//! the name of the file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The families of requirements, in the order of the report; each is a file in `requirements/`.
const FAMILIES: [&str; 15] = [
    "auth",
    "schema",
    "status",
    "input",
    "room",
    "message",
    "page",
    "socket",
    "delivery",
    "order",
    "receipts",
    "unread",
    "deletion",
    "participant",
    "authorization",
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
    statement: String,
    checked: String,
    #[serde(default)]
    needs: Vec<String>,
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
    readings: Vec<String>,
    accepts: String,
    reference: String,
}

/// `RequirementId`, `FamilyId` and their rows as Rust.
fn requirements() -> String {
    for entry in fs::read_dir("requirements").expect("requirements/ is readable") {
        let path = entry.expect("requirements/ is readable").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        assert!(FAMILIES.contains(&name), "{}: not listed in build.rs", path.display());
    }
    let families = FAMILIES.map(|name| {
        let file = format!("requirements/{name}.toml");
        let family: Family = parse(&file);
        assert_eq!(family.family, name, "{file}: `family` differs from the name of the file");
        (file, family)
    });

    let (mut family_ids, mut ids) = (Ids::default(), Ids::default());
    for (file, family) in &families {
        family_ids.add(file, &family.family, &family.title);
        for requirement in &family.requirement {
            let prefix = requirement.id.split_once('/').map(|(prefix, _)| prefix);
            assert_eq!(prefix, Some(&*family.family), "{file}: id `{}`", requirement.id);
            ids.add(file, &requirement.id, &requirement.statement);
        }
    }

    let mut code = ids.code("RequirementId") + &family_ids.code("FamilyId");
    let (mut rows, mut family_rows) = (String::new(), String::new());
    let mut first = 0;
    for (file, family) in &families {
        let family_id = family_ids.path("FamilyId", &family.family).expect("added above");
        for requirement in &family.requirement {
            let own = family.needs.iter().filter(|need| **need != requirement.id);
            let needs: Vec<_> = requirement
                .needs
                .iter()
                .chain(own)
                .map(|need| {
                    ids.path("RequirementId", need).unwrap_or_else(|| {
                        panic!("{file}: `{}` needs unknown requirement `{need}`", requirement.id)
                    })
                })
                .collect();
            writeln!(
                rows,
                "Requirement {{ id: {}, family: {family_id}, level: Level::{:?}, section: {:?}, quote: {:?}, reason: {:?}, \
                 statement: {:?}, checked: {:?}, needs: &[{}] }},",
                ids.path("RequirementId", &requirement.id).expect("added above"),
                requirement.level,
                requirement.section,
                requirement.quote,
                requirement.reason,
                requirement.statement,
                requirement.checked,
                needs.join(", "),
            )
            .expect("strings are writable");
        }
        let end = first + family.requirement.len();
        writeln!(
            family_rows,
            "Family {{ id: {family_id}, title: {:?}, requirements: REQUIREMENTS.split_at({end}).0.split_at({first}).1 }},",
            family.title,
        )
        .expect("strings are writable");
        first = end;
    }
    write!(
        code,
        "static REQUIREMENTS: &[Requirement] = &[\n{rows}];\n\
         static FAMILIES: &[Family] = &[\n{family_rows}];\n",
    )
    .expect("strings are writable");
    code
}

/// `AmbiguityId` and its rows as Rust.
fn ambiguities() -> String {
    let file = "ambiguities.toml";
    let register: Register = parse(file);
    let mut ids = Ids::default();
    for entry in &register.ambiguity {
        ids.add(file, &entry.id, &entry.question);
    }
    let mut code = ids.code("AmbiguityId");
    code.push_str("static AMBIGUITIES: &[Ambiguity] = &[\n");
    for entry in &register.ambiguity {
        writeln!(
            code,
            "Ambiguity {{ id: {}, section: {:?}, question: {:?}, readings: &{:?}, accepts: {:?}, \
             reference: {:?} }},",
            ids.path("AmbiguityId", &entry.id).expect("added above"),
            entry.section,
            entry.question,
            entry.readings,
            entry.accepts,
            entry.reference,
        )
        .expect("strings are writable");
    }
    code.push_str("];\n");
    code
}

fn parse<T: DeserializeOwned>(file: &str) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The ids of one register, in its order.
#[derive(Default)]
struct Ids {
    /// Id and documentation.
    rows: Vec<(String, String)>,
    /// The id of each variant.
    variants: BTreeMap<String, String>,
}

impl Ids {
    fn add(&mut self, file: &str, id: &str, doc: &str) {
        if let Some(other) = self.variants.insert(variant(id), id.to_owned()) {
            panic!("{file}: id `{id}` collides with `{other}`");
        }
        self.rows.push((id.to_owned(), doc.to_owned()));
    }

    /// `Enum::Variant`, if the id exists.
    fn path(&self, name: &str, id: &str) -> Option<String> {
        let variant = variant(id);
        (self.variants.get(&variant)? == id).then(|| format!("{name}::{variant}"))
    }

    /// The enum `name` with its `ALL` and `as_str`.
    fn code(&self, name: &str) -> String {
        let (mut variants, mut all, mut texts) = (String::new(), String::new(), String::new());
        for (id, doc) in &self.rows {
            let variant = variant(id);
            let doc = format!("`{id}`: {}", doc.replace('[', "\\[").replace('<', "\\<"));
            writeln!(variants, "    #[doc = {doc:?}]\n    {variant},")
                .expect("strings are writable");
            writeln!(all, "        Self::{variant},").expect("strings are writable");
            writeln!(texts, "            Self::{variant} => {id:?},")
                .expect("strings are writable");
        }
        let count = self.rows.len();
        format!(
            "/// The id of one row of the table.\n\
             #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
             pub enum {name} {{\n{variants}}}\n\
             impl {name} {{\n\
             \x20   /// Every id, in the order of the table.\n\
             \x20   pub const ALL: [Self; {count}] = [\n{all}    ];\n\
             \x20   /// The id as text.\n\
             \x20   pub const fn as_str(self) -> &'static str {{\n\
             \x20       match self {{\n{texts}        }}\n    }}\n}}\n",
        )
    }
}

/// `AuthorizationMessagesGet` for `authorization/messages.get`.
fn variant(id: &str) -> String {
    id.split(['/', '-', '.', '_'])
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_uppercase(), rest.to_owned()]
        })
        .collect()
}
