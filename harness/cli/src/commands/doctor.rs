//! `hearback doctor`.

use hearback_reports::doctor;
use hearback_results::ExitStatus;
use hearback_runner::{Observer, diagnose};

use crate::arguments::{Doctor, DoctorFormat};
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Doctor) -> Result<ExitStatus, Failure> {
    let interrupt = interrupt()?;
    let context = context(&interrupt, Observer::default());
    let diagnosis = runtime()?.block_on(async {
        let target = options.target.spec().open().await?;
        diagnose(target, options.timeout, &context).await
    })?;
    output::print(&match options.format {
        DoctorFormat::Text => doctor::text(&diagnosis, output::style(false)),
        DoctorFormat::Json => doctor::json(&diagnosis),
    });
    Ok(diagnosis.exit_status())
}
