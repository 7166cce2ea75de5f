//! Which pipeline file is meant.

use std::path::{Path, PathBuf};

use clap::Args;

/// The pipeline file, with `--pipeline` or without.
#[derive(Debug, Clone, Args)]
pub struct PipelineArgument {
    /// Pipeline file: deliveries, folders (pipelines/monitor.toml where it is left out).
    #[arg(value_name = "PIPELINE")]
    place: Option<PathBuf>,
    /// The same by name.
    #[arg(long = "pipeline", value_name = "FILE", conflicts_with = "place")]
    named: Option<PathBuf>,
}

const PIPELINE: &str = "pipelines/monitor.toml";

impl PipelineArgument {
    pub fn path(&self) -> &Path {
        let given = self.named.as_deref().or(self.place.as_deref());
        given.unwrap_or(Path::new(PIPELINE))
    }

    /// Names before it may be left out: the one that ends as a file of settings does is the pipeline.
    pub fn apart<'a>(&'a self, names: [Option<&'a str>; 2]) -> ([Option<&'a str>; 2], &'a Path) {
        let is_file = |name: &&str| Path::new(name).extension().is_some_and(|end| end == "toml");
        let found = names.into_iter().flatten().find(is_file);
        let is_given = self.named.is_some() || self.place.is_some();
        match found.filter(|_| !is_given) {
            Some(file) => (names.map(|name| name.filter(|name| *name != file)), Path::new(file)),
            None => (names, self.path()),
        }
    }
}
