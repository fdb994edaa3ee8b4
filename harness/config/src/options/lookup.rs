//! Looks up the configured value of an option: in variables, the environment of the file, and the file.

use std::ops::Range;

use toml::de::DeTable;

use super::configuration::{Configuration, Selected};
use super::file::{self, ConfigFile};
use super::paths::relocated;
use super::registry::CommandOption;
use super::value::{Configured, Origin, values_of_variable};
use crate::variable::{expand, has_reference};
use crate::{FileError, Problem};

/// A table that takes the place of the file of an option.
struct Replacement<'t> {
    /// Name of the environment that it belongs to, if any.
    environment: Option<&'t str>,
    span: Range<usize>,
}

impl Configuration<'_> {
    /// The configured value of each option that is not a flag of the command line.
    pub(super) fn configured<'r>(
        &self,
        options: &[&'r CommandOption],
        selected: &Selected,
        table: Option<&DeTable<'_>>,
        flags: &[&CommandOption],
    ) -> Result<Vec<Configured<'r>>, FileError> {
        let mut configured = Vec::new();
        for option in options {
            let is_flag_given = flags.iter().any(|flag| flag.arg.get_id() == option.arg.get_id());
            if is_flag_given {
                continue;
            }
            configured.extend(self.value_of(option, selected, table, true)?);
        }
        Ok(configured)
    }

    /// The configured value of an option; without `expands`, references to variables are kept.
    pub(super) fn value_of<'r>(
        &self,
        option: &'r CommandOption,
        selected: &Selected,
        table: Option<&DeTable<'_>>,
        expands: bool,
    ) -> Result<Option<Configured<'r>>, FileError> {
        if selected.has_variables {
            for key in &option.keys {
                let name = key.variable();
                let Some(text) = self.environment.value(&name) else { continue };
                let values = values_of_variable(option, &text);
                let origin = Origin::Variable(name);
                return Ok(Some(Configured {
                    option,
                    shown: values.clone(),
                    values,
                    origin,
                    span: None,
                }));
            }
        }
        let (Some(file), Some(table)) = (&selected.file, table) else { return Ok(None) };
        let environment = selected.environment.as_deref();
        let replacement = self.replacement(option, file, table, environment)?;
        let found = file::value_of(option, table, environment);
        let origin = |environment: Option<&str>, at: usize| {
            let (name, line) = (file.path.display().to_string(), file.line(at));
            match environment {
                Some(environment) => Origin::Environment(name, line, environment.to_owned()),
                None => Origin::File(name, line),
            }
        };
        if let Some(Replacement { environment, span }) = replacement {
            let is_first = found.as_ref().is_none_or(|it| it.environment.is_none());
            match &found {
                Some(found) if found.environment == environment => {
                    let problem = Problem::new(format_args!(
                        "`{}` and a table that takes its place are both given",
                        option.key()
                    ))
                    .with_help("remove one of them".to_owned());
                    return Err(file.document.invalid(problem.at(found.value.span())));
                }
                _ if is_first => {
                    let path = file.path.display().to_string();
                    return Ok(Some(Configured {
                        option,
                        values: vec![path.clone()],
                        shown: vec![path],
                        origin: origin(environment, span.start),
                        span: Some(span),
                    }));
                }
                _ => {}
            }
        }
        let Some(found) = found else { return Ok(None) };
        let span = found.value.span();
        let invalid = |problem: Problem| file.document.invalid(problem.at(span.clone()));
        let shown = option.kind.texts(&option.arg, found.value).map_err(invalid)?;
        let values = shown.iter().map(|text| {
            let value = match has_reference(text) && expands {
                true => expand(&option.key().name, text, self.environment).map_err(invalid)?,
                false => text.clone(),
            };
            Ok(relocated(&option.arg, value, file.folder()))
        });
        Ok(Some(Configured {
            option,
            values: values.collect::<Result<_, FileError>>()?,
            shown: shown
                .iter()
                .map(|text| relocated(&option.arg, text.clone(), file.folder()))
                .collect(),
            origin: origin(found.environment, span.start),
            span: Some(span),
        }))
    }

    /// The table that takes the place of the file of an option, if there is one.
    fn replacement<'t>(
        &self,
        option: &CommandOption,
        file: &ConfigFile,
        table: &'t DeTable<'t>,
        environment: Option<&'t str>,
    ) -> Result<Option<Replacement<'t>>, FileError> {
        let key = option.key().to_string();
        let find = |name: &str| {
            file::layers(table, environment)
                .find_map(|(environment, layer)| Some((environment, layer.get_key_value(name)?.0)))
        };
        let Some(replacing) = self.tables.iter().find(|it| it.replaces == Some(key.as_str()))
        else {
            return Ok(None);
        };
        let found = find(replacing.name);
        let dependent = self.tables.iter().find(|it| it.requires == Some(replacing.name));
        if let Some((_, key)) = dependent.and_then(|it| find(it.name))
            && found.is_none()
        {
            let problem = Problem::new(format_args!(
                "[{}] has no effect without [[{}]] in the same file",
                key.get_ref(),
                replacing.name
            ))
            .with_help(format!("move it to the file of `{}`", option.key()));
            return Err(file.document.invalid(problem.at(key.span())));
        }
        Ok(found.map(|(environment, key)| Replacement { environment, span: key.span() }))
    }
}
