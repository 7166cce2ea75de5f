//! The public tables of a release, which are all that a SQL mart may read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use mart::{Folder, Manifest, RUN_ID};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use survey::Labels;

use crate::error::Error;

/// A Parquet file, and the columns of it that SQL sees.
#[derive(Debug, Clone)]
pub struct Table {
    pub path: PathBuf,
    pub schema: SchemaRef,
}

pub struct Release {
    pub id: String,
    /// What each of its public files tells its readers.
    pub notice: Option<String>,
    /// By name; among them the SQL marts that were published.
    pub tables: BTreeMap<String, Table>,
}

impl Release {
    /// Links are followed, so that the folder is the same while it is read, whatever is published meanwhile.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let folder = fs::canonicalize(folder).map_err(Error::file(folder))?;
        let manifest = Manifest::read(&folder).map_err(|source| Error::NoRelease {
            path: folder.clone(),
            source: Box::new(source),
        })?;
        let below = format!("{}/", Folder::Public.name());
        if !mart::is_sound(&folder, |path| path.starts_with(&below)) {
            return Err(Error::Damaged { path: folder });
        }
        let mut tables = BTreeMap::new();
        for file in &manifest.files {
            let name = file.path.strip_prefix(&below).and_then(|it| it.strip_suffix(".parquet"));
            if let Some(name) = name {
                let path = folder.join(&file.path);
                let schema = without_run_id(&path)?;
                tables.insert(name.to_owned(), Table { path, schema });
            }
        }
        let notice = manifest.disclosure.notice();
        let notice = notice.as_ref().map(Labels::plain).map(str::to_owned);
        Ok(Self { id: manifest.release, notice, tables })
    }
}

/// The columns of a file. The release's id was added when it was written, so that SQL never sees it.
fn without_run_id(path: &Path) -> Result<SchemaRef, Error> {
    let file = File::open(path).map_err(Error::file(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(mart::Error::from)?;
    let fields = reader.schema().fields().iter().filter(|field| field.name() != RUN_ID);
    Ok(Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>())))
}
