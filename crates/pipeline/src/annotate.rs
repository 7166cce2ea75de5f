//! Copies of deliveries with the cells of their findings marked; they hold raw answers and go only where the caller says.

use std::path::{Path, PathBuf};

use config::DeliverySpec;
use ingest::Delivery;
use store::Step;
use survey::Finding;

use crate::error::{Error, StageError};
use crate::project::Project;

/// A copy that was written.
#[derive(Debug)]
pub struct Copy {
    pub delivery: String,
    pub path: PathBuf,
    pub cells: usize,
    pub findings: usize,
    /// What is other than in the delivered file.
    pub note: Option<String>,
}

/// Writes a copy of each named delivery, or of each with a finding at a cell.
pub fn annotate(
    project: &Project,
    deliveries: &[String],
    findings: &[Finding],
    out: &Path,
) -> Result<Vec<Copy>, Error> {
    refuse_own_folders(project, out)?;
    let of = |delivery: &DeliverySpec| -> Vec<Finding> {
        let own = findings.iter().filter(|finding| finding.delivery == delivery.name);
        own.cloned().collect()
    };
    let mut chosen = Vec::new();
    for name in deliveries {
        let found = project.used().into_iter().find(|delivery| delivery.name == *name);
        chosen.push(found.ok_or_else(|| unknown(project, name))?);
    }
    if deliveries.is_empty() {
        chosen = project.used();
        chosen.retain(|delivery| of(delivery).iter().any(|finding| finding.cell.is_some()));
    }
    chosen.into_iter().map(|delivery| one(project, delivery, &of(delivery), out)).collect()
}

fn one(
    project: &Project,
    delivery: &DeliverySpec,
    findings: &[Finding],
    out: &Path,
) -> Result<Copy, Error> {
    let profile = &project.configuration.exports[&delivery.profile];
    let of =
        Delivery { sheet: delivery.sheet.clone(), ..Delivery::new(&delivery.name, &delivery.file) };
    let copy = ingest::annotate(&of, profile, findings).map_err(|error| Error::Stage {
        step: Step::ingest(&delivery.name),
        error: StageError::from(error),
    })?;
    let path = out.join(format!("{}_findings.{}", delivery.name, copy.extension));
    store::files::replace(&path, &copy.bytes).map_err(|error| Error::Settings {
        path: path.clone(),
        problem: format!("cannot be written: {error}"),
        hint: "`--out` is a folder in which you may write".to_owned(),
    })?;
    Ok(Copy {
        delivery: delivery.name.clone(),
        path,
        cells: copy.cells,
        findings: copy.findings,
        note: copy.note,
    })
}

/// What others read, or the program itself, must not hold raw answers.
fn refuse_own_folders(project: &Project, out: &Path) -> Result<(), Error> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for own in [&project.pipeline.marts, &project.pipeline.store] {
        if whole(out).starts_with(whole(own)) {
            return Err(Error::Settings {
                path: out.to_owned(),
                problem: format!("lies in `{}`, and the copies hold raw answers", own.display()),
                hint: "name a folder that only you and the supplier read".to_owned(),
            });
        }
    }
    Ok(())
}

fn unknown(project: &Project, name: &str) -> Error {
    let there: Vec<String> =
        project.used().iter().map(|delivery| format!("`{}`", delivery.name)).collect();
    Error::Selection {
        pattern: "--annotate".to_owned(),
        found: format!("delivery `{name}`"),
        exist: there.join(", "),
    }
}
