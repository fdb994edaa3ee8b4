//! Writes accepted violations to the configuration, so that the gate passes and fails on anything new.

use std::path::{Path, PathBuf};

use hearback_client::{Accounts, Fixtures, ListedAccount};
use hearback_config::edit::{Edit, NewTable, Setting};
use hearback_config::{Problem, Source};
use hearback_history::{RunStart, TargetOptions};
use hearback_results::{Adoption, NewWaiver};
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};

use crate::error::RunError;

/// Validity of new waivers, in days.
const VALIDITY_DAYS: i64 = 90;

/// Comment at the beginning of a new file.
const HEADER: &str = "\
# The gate of this repository: `hearback check` fails on anything that is not listed here.
# Each waiver needs a reason and a link. `hearback adopt --update` adds, renews and deletes waivers.
";

/// The part of a configuration that describes a target and how it is tested.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Options by their keys, such as `target.url`.
    pub options: Vec<(String, Setting)>,
    /// The accounts without their secrets.
    pub accounts: Vec<ListedAccount>,
    /// Objects that the API cannot create.
    pub fixtures: Fixtures,
}

/// The files of a gate.
#[derive(Clone, Debug)]
pub struct GateFiles {
    /// The configuration file.
    pub configuration: PathBuf,
    /// The environment whose tables apply, if one is selected.
    pub environment: Option<String>,
    /// The waivers file, if the configuration names one.
    pub waivers: Option<PathBuf>,
}

/// A file with its new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewText {
    /// The file.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

/// The last valid day of waivers that are written now.
pub fn expiry() -> Date {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    today.saturating_add(Span::new().days(VALIDITY_DAYS))
}

impl Settings {
    /// The settings with which a stored run can be repeated, without secrets.
    ///
    /// # Errors
    /// If its accounts file cannot be read.
    pub fn of_run(start: &RunStart) -> Result<Self, RunError> {
        let mut settings = Self::default();
        let mut text = |key: &str, value: &str| {
            settings.options.push((key.to_owned(), Setting::Text(value.to_owned())));
        };
        match &start.target_options {
            Some(TargetOptions::External { accounts, socket_url, jwt_secret_env, .. }) => {
                text("target.url", &start.target);
                socket_url.iter().for_each(|url| text("target.socket_url", url));
                jwt_secret_env.iter().for_each(|name| text("target.jwt_secret_env", name));
                settings.add_accounts(&PathBuf::from(accounts).into())?;
            }
            Some(TargetOptions::Embedded { faults, weather, readings }) => {
                if !weather.is_empty() {
                    text("target.weather", weather);
                }
                let readings = readings.iter().map(ToString::to_string).collect();
                for (key, list) in [("target.fault", faults.clone()), ("target.reading", readings)]
                {
                    if !list.is_empty() {
                        settings.options.push((key.to_owned(), Setting::List(list)));
                    }
                }
            }
            None => return Err(RunError::TargetUnknown),
        }
        Ok(settings)
    }

    /// Adds the accounts of a file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn add_accounts(&mut self, source: &Source) -> Result<(), RunError> {
        (self.accounts, self.fixtures) = Accounts::list(source)?;
        Ok(())
    }

    /// Names of the environment variables with the secrets of the accounts.
    pub fn variables(&self) -> Vec<&str> {
        let secrets = self.accounts.iter().flat_map(|account| &account.secrets);
        secrets.map(|(_, variable)| variable.as_str()).collect()
    }

    fn write(&self, edit: &mut Edit) -> Result<(), Problem> {
        for (key, setting) in &self.options {
            edit.set(&key.split('.').collect::<Vec<_>>(), setting)?;
        }
        for account in &self.accounts {
            let mut entries = vec![entry("username", &account.username)];
            entries.extend(account.secrets.iter().map(|(key, variable)| entry(key, variable)));
            let literal = |key: &str, text: String| (key.to_owned(), Setting::Literal(text));
            entries.extend(account.id.map(|id| literal("id", id.to_string())));
            entries.extend(account.full_name.iter().map(|name| entry("full_name", name)));
            if !account.creates_rooms {
                entries.push(literal("creates_rooms", "false".to_owned()));
            }
            edit.append(&["account"], &NewTable { comment: String::new(), entries })?;
        }
        let fixtures = [("task", self.fixtures.task), ("property", self.fixtures.property)];
        for (key, id) in fixtures {
            if let Some(id) = id {
                edit.set(&["fixtures", key], &Setting::Literal(id.to_string()))?;
            }
        }
        Ok(())
    }
}

/// The files of a new gate.
///
/// # Errors
/// If a setting cannot be written as TOML.
pub fn create(
    files: &GateFiles,
    settings: &Settings,
    seed: u64,
    adoption: &Adoption,
    expires: Date,
) -> Result<Vec<NewText>, RunError> {
    let write = || -> Result<Edit, Problem> {
        let mut edit = Edit::default();
        settings.write(&mut edit)?;
        if !edit.has(&["execution", "seed"]) {
            // Without it, each run generates other requests, which may show violations without a waiver.
            edit.set(&["execution", "seed"], &Setting::Literal(seed.to_string()))?;
        }
        for reading in &adoption.readings {
            let own = Setting::Text(reading.own().to_owned());
            edit.set(&["readings", reading.reading().ambiguity.as_str()], &own)?;
        }
        Ok(edit)
    };
    let mut edit = write().map_err(RunError::NotEditable)?;
    let mut texts = apply(files, &mut edit, adoption, expires)?;
    texts[0].text = format!("{HEADER}\n{}", texts[0].text.trim_start());
    Ok(texts)
}

/// The files of an existing gate, with comments and order as they are.
///
/// # Errors
/// If a file cannot be read, or has another form than can be edited.
pub fn update(
    files: &GateFiles,
    adoption: &Adoption,
    expires: Date,
) -> Result<Vec<NewText>, RunError> {
    let mut edit = parse(&files.configuration)?;
    let unobserved = adoption.unobserved.iter().map(|pinned| (*pinned, None));
    for (pinned, taken) in adoption.changed.iter().copied().chain(unobserved) {
        let path = files.path(&edit, &["readings", pinned.reading().ambiguity.as_str()]);
        let edited = match taken {
            Some(taken) => edit.set(&path, &Setting::Text(taken.own().to_owned())),
            None => edit.unset(&path),
        };
        edited.map_err(RunError::NotEditable)?;
    }
    apply(files, &mut edit, adoption, expires)
}

/// Adds waivers and untested requirements to the configuration, and waivers to their own file if there is one.
fn apply(
    files: &GateFiles,
    configuration: &mut Edit,
    adoption: &Adoption,
    expires: Date,
) -> Result<Vec<NewText>, RunError> {
    for (_, requirements) in &adoption.untested {
        let path = files.path(configuration, &["gate", "may_be_untested"]);
        configuration.extend(&path, requirements).map_err(RunError::NotEditable)?;
    }
    let new_text = |path: &Path, edit: &Edit| NewText { path: path.to_owned(), text: edit.text() };
    let Some(waivers) = &files.waivers else {
        let path = files.path(configuration, &["waiver"]);
        add_waivers(configuration, &path, adoption, expires).map_err(RunError::NotEditable)?;
        return Ok(vec![new_text(&files.configuration, configuration)]);
    };
    let mut edit = parse(waivers)?;
    add_waivers(&mut edit, &["waiver"], adoption, expires).map_err(RunError::NotEditable)?;
    Ok(vec![new_text(&files.configuration, configuration), new_text(waivers, &edit)])
}

fn add_waivers(
    edit: &mut Edit,
    path: &[&str],
    adoption: &Adoption,
    expires: Date,
) -> Result<(), Problem> {
    let expires = Setting::Literal(expires.to_string());
    for position in &adoption.renewed {
        edit.set_in(path, *position, "expires", &expires)?;
    }
    edit.remove(path, &adoption.outdated)?;
    for waiver in &adoption.waivers {
        edit.append(path, &table(waiver, &expires))?;
    }
    Ok(())
}

fn table(waiver: &NewWaiver, expires: &Setting) -> NewTable {
    let mut entries = vec![entry("requirement", &waiver.requirement)];
    entries.extend(waiver.operation.iter().map(|operation| entry("operation", operation)));
    entries.extend([entry("variant", &waiver.variant), entry("reason", ""), entry("link", "")]);
    entries.push(("expires".to_owned(), expires.clone()));
    if waiver.is_intermittent {
        entries.push(("intermittent".to_owned(), Setting::Literal("true".to_owned())));
    }
    NewTable { comment: waiver.summary.clone(), entries }
}

fn entry(key: &str, text: &str) -> (String, Setting) {
    (key.to_owned(), Setting::Text(text.to_owned()))
}

fn parse(path: &Path) -> Result<Edit, RunError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| RunError::Unreadable { path: path.to_owned(), source })?;
    Edit::parse(&text).map_err(RunError::NotEditable)
}

impl GateFiles {
    /// The path of a key: in the environment if the first name is there, since it takes the place of the other.
    fn path<'p>(&'p self, edit: &Edit, path: &[&'p str]) -> Vec<&'p str> {
        let environment = self.environment.as_deref();
        let above = environment.map(|name| vec!["env", name]).unwrap_or_default();
        let there = [&above[..], &path[..1]].concat();
        let has = environment.is_some() && edit.has(&there);
        if has { [&above[..], path].concat() } else { path.to_vec() }
    }
}
