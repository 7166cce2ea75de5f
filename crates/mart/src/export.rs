//! One audience's part of a release as a folder of its own, for a share or a web server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::access::Access;
use crate::contracts::Folder;
use crate::error::Error;
use crate::files;
use crate::manifest::{CHECKSUMS, MANIFEST, Manifest, ManifestFile, verify};

const DICTIONARY: &str = "data_dictionary.csv";

/// Writes the part of a release that an audience may read, with the dictionary of its tables and a manifest of its own. The
/// folder is there whole or not at all.
pub fn export(
    release: &Path,
    audience: Folder,
    to: &Path,
    access: Access,
) -> Result<Manifest, Error> {
    let whole = verify(release)?;
    check_target(to)?;
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let building = to.with_file_name(format!(".exporting-{name}"));
    files::remove(&building)?;
    let part = building.join(audience.name());
    files::create_closed_folder(&building)?;
    files::create_folder(&part)?;
    let mut written = Vec::new();
    let below = format!("{}/", audience.name());
    for file in whole.files.iter().filter(|file| file.path.starts_with(&below)) {
        let from = release.join(&file.path);
        let contents = fs::read(&from).map_err(Error::file(&from))?;
        written.push(listed(&building, &file.path, file.rows, &contents)?);
    }
    let from = release.join(DICTIONARY);
    let dictionary = fs::read(&from).map_err(Error::file(&from))?;
    let dictionary = of_audience(&dictionary, audience).map_err(Error::file(&from))?;
    written.push(listed(&building, DICTIONARY, None, &dictionary)?);
    written.sort();
    // What a delivery was called and how long it was is for those who may read more.
    let manifest = Manifest {
        audience: Some(audience.name().to_owned()),
        inputs: if audience == Folder::Public { Vec::new() } else { whole.inputs.clone() },
        readers: BTreeMap::from([(audience.name().to_owned(), access.name(audience))]),
        schemas: {
            let schemas = whole.schemas.iter().filter(|(mart, _)| mart.starts_with(&below));
            schemas.map(|(mart, schema)| (mart.clone(), schema.clone())).collect()
        },
        files: written,
        ..whole
    };
    let (blake3, _) = files::write_new(&building.join(MANIFEST), &manifest.to_json()?)?;
    files::write_new(&building.join(CHECKSUMS), manifest.checksums(&blake3).as_bytes())?;
    access.apply(&building)?;
    files::sync_folder(&part)?;
    files::sync_folder(&building)?;
    // An empty folder gives way.
    files::move_folder(&building, to)?;
    Ok(manifest)
}

fn check_target(to: &Path) -> Result<(), Error> {
    let found = match fs::symlink_metadata(to) {
        Err(_) => return Ok(()),
        Ok(about) if !about.is_dir() => "something that is no folder",
        Ok(_) if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_none()) => {
            return Ok(());
        }
        Ok(_) => "a folder that is not empty",
    };
    Err(Error::Target {
        path: to.to_owned(),
        what: format!("found {found}, expected an empty folder or nothing"),
        hint: Some("export into a new folder, then point your readers there".to_owned()),
    })
}

fn listed(
    building: &Path,
    path: &str,
    rows: Option<u64>,
    contents: &[u8],
) -> Result<ManifestFile, Error> {
    let (blake3, bytes) = files::write_new(&building.join(path), contents)?;
    Ok(ManifestFile { path: path.to_owned(), rows, bytes, blake3 })
}

/// The header, and the rows whose first field is the audience's folder.
fn of_audience(dictionary: &[u8], audience: Folder) -> std::io::Result<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(dictionary);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (number, record) in reader.records().enumerate() {
        let record = record?;
        if number == 0 || record.get(0) == Some(audience.name()) {
            writer.write_record(&record)?;
        }
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
