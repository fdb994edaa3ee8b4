//! Files with plots.

use std::path::PathBuf;

use anyhow::Context as _;
use hearback_reports::{PictureFormat, Pictured};

use crate::failure::Failure;

/// A folder of plots that `--plots FORMAT=FOLDER` asks for.
pub(crate) struct Plots {
    format: &'static PictureFormat,
    folder: PathBuf,
}

impl Plots {
    /// Parses the values of `--plots` and creates the folders, which is better known to fail before a run.
    pub(crate) fn parse(values: &[String]) -> Result<Vec<Self>, Failure> {
        let parse = |value: &String| -> anyhow::Result<Self> {
            let (format, folder) = value
                .split_once('=')
                .with_context(|| format!("invalid --plots `{value}`: expected FORMAT=FOLDER"))?;
            let plots = Self { format: PictureFormat::by_id(format)?, folder: folder.into() };
            std::fs::create_dir_all(&plots.folder).with_context(|| plots.unwritable())?;
            Ok(plots)
        };
        values.iter().map(|value| parse(value).map_err(Failure::usage)).collect()
    }

    /// Writes a file for each plot of a record.
    pub(crate) fn write(&self, record: &impl Pictured) -> Result<(), Failure> {
        for picture in record.pictures() {
            let path = self.folder.join(picture.name).with_extension(self.format.id);
            std::fs::write(&path, (self.format.render)(&picture))
                .with_context(|| self.unwritable())
                .map_err(Failure::incomplete)?;
        }
        Ok(())
    }

    fn unwritable(&self) -> String {
        format!("cannot write plots to {}", self.folder.display())
    }
}
