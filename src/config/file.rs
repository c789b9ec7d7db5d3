//! The optional TOML file: its values become the defaults of the flags with the same names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, Command};

/// Looks for `--config` among the arguments (or in the environment) and takes the file's values as defaults.
///
/// # Errors
/// A file that cannot be read, is not TOML, or names something that is not a setting.
pub fn with_file<A>(command: Command, arguments: &[A]) -> anyhow::Result<Command>
where
    A: Clone + Into<OsString>,
{
    // A wrong command line is told by the real parse, which also prints the help.
    let Ok(matches) = command.clone().try_get_matches_from(arguments.iter().cloned()) else {
        return Ok(command);
    };
    let mut innermost = &matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let Some(path) = innermost.try_get_one::<PathBuf>("config").ok().flatten() else {
        return Ok(command);
    };
    let table = read(path).with_context(|| format!("the settings file {}", path.display()))?;
    let known: Vec<String> = setting_names(&command);
    let unknown: Vec<&str> =
        table.keys().map(String::as_str).filter(|name| !known.iter().any(|known| known == name)).collect();
    if !unknown.is_empty() {
        bail!("the settings file {} names what is not a setting: {}", path.display(), unknown.join(", "));
    }
    Ok(with_defaults(command, &table))
}

fn read(path: &Path) -> anyhow::Result<toml::Table> {
    Ok(toml::from_str(&std::fs::read_to_string(path)?)?)
}

fn setting_names(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|argument| is_setting(argument)).map(|a| a.get_id().to_string());
    own.chain(command.get_subcommands().flat_map(setting_names)).collect()
}

/// Settings are the flags that the environment can give as well, without the file itself.
fn is_setting(argument: &Arg) -> bool {
    argument.get_env().is_some() && argument.get_id() != "config"
}

fn with_defaults(mut command: Command, table: &toml::Table) -> Command {
    let settings: Vec<String> = command
        .get_arguments()
        .filter(|argument| is_setting(argument))
        .map(|a| a.get_id().to_string())
        .collect();
    for name in settings {
        if let Some(value) = table.get(&name) {
            let text = as_text(value);
            command = command.mut_arg(&name, |argument| argument.default_value(text));
        }
    }
    command.mut_subcommands(|inner| with_defaults(inner, table))
}

/// A TOML value as one would type it after the flag; a list is separated by commas.
fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
