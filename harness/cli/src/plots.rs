//! Plots as files of their own, a folder full.

use std::path::PathBuf;

use anyhow::Context as _;
use hearback_reports::{PictureFormat, Pictured};

use crate::exit::Failure;

/// Plots that were asked for with `--plots FORMAT=FOLDER`.
pub(crate) struct Plots {
    format: &'static PictureFormat,
    folder: PathBuf,
}

impl Plots {
    /// Reads the values of `--plots` and makes the folders: whether they can be made is better known before
    /// a run than after it.
    pub(crate) fn asked(asked: &[String]) -> Result<Vec<Self>, Failure> {
        let read = |text: &String| {
            let (format, folder) = text
                .split_once('=')
                .with_context(|| format!("--plots {text}: FORMAT=FOLDER was expected"))
                .map_err(Failure::usage)?;
            let plots = Self { format: PictureFormat::by_id(format)?, folder: folder.into() };
            std::fs::create_dir_all(&plots.folder)
                .with_context(|| plots.unwritable())
                .map_err(Failure::usage)?;
            Ok(plots)
        };
        asked.iter().map(read).collect()
    }

    /// Writes a file for each plot of a record.
    pub(crate) fn write(&self, record: &impl Pictured) -> Result<(), Failure> {
        for picture in record.pictures() {
            let path = self.folder.join(picture.name).with_extension(self.format.id);
            std::fs::write(&path, (self.format.render)(&picture))
                .with_context(|| self.unwritable())
                .map_err(Failure::unfinished)?;
        }
        Ok(())
    }

    fn unwritable(&self) -> String {
        format!("the plots cannot be written to {}", self.folder.display())
    }
}
