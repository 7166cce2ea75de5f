//! `peil export`: table books and models of a release.

use std::path::{Path, PathBuf};

use export::Wanted;
use pipeline::{End, Error, release};

use crate::arguments::{
    Exports, ExportsArguments, PipelineArgument, SemanticArguments, TablebookArguments,
};
use crate::commands;
use crate::print::{failure, message};

pub fn export(arguments: &ExportsArguments) -> Result<u8, Error> {
    match &arguments.what {
        Exports::Tablebook(of) => tablebook(of),
        Exports::Semantic(of) => semantic(of),
    }
}

fn tablebook(arguments: &TablebookArguments) -> Result<u8, Error> {
    let folder = folder(arguments.release.as_deref(), &arguments.of)?;
    let wanted = Wanted { languages: arguments.lang.clone(), is_restricted: arguments.restricted };
    let books = match export::tablebook(&folder, &arguments.out, &wanted) {
        Ok(books) => books,
        Err(error) => return Ok(failed(&error)),
    };
    let (to, count) = (books.folder.display(), books.files.len());
    let mut said = format!("{to}: {count} workbooks of release {}", books.release);
    if arguments.restricted {
        said.push_str(
            "; they hold exact figures, also withheld ones, and only their owner may read them",
        );
    }
    if !books.has_answers {
        said.push_str("; the release tells no answer distributions, so that the tables hold its indicators alone");
    }
    message(&said);
    Ok(0)
}

fn semantic(arguments: &SemanticArguments) -> Result<u8, Error> {
    let folder = folder(arguments.release.as_deref(), &arguments.of)?;
    let model = match export::semantic(&folder, &arguments.out) {
        Ok(model) => model,
        Err(error) => return Ok(failed(&error)),
    };
    message(&format!(
        "{}: a model of release {}: {} tables, {} relations, measures {}",
        model.folder.display(),
        model.release,
        model.tables,
        model.relations,
        model.measures.join(", ")
    ));
    if !model.left_out.is_empty() {
        message(&format!(
            "left out, since they repeat others with their labels: {}",
            model.left_out.join(", ")
        ));
    }
    Ok(0)
}

/// A folder with a manifest, a release by its name, or the current one where readers find it.
fn folder(name: Option<&str>, of: &PipelineArgument) -> Result<PathBuf, Error> {
    let ([name, _], pipeline) = of.apart([name, None]);
    if let Some(folder) = name.map(Path::new).filter(|folder| folder.is_dir()) {
        return Ok(folder.to_owned());
    }
    let project = commands::open_releases(pipeline)?;
    let current = project.pipeline.marts.join("current");
    if name.is_none() && current.is_dir() {
        return Ok(current);
    }
    Ok(release::named(&project, name)?.folder)
}

fn failed(error: &export::Error) -> u8 {
    failure(&error.to_string());
    let end = if error.is_about_output() { End::Configuration } else { End::Unreadable };
    end.exit_code()
}
