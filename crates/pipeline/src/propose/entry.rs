//! The `[[delivery]]` of a proposed delivery.

use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

use config::name::is_name;
use config::{DeliverySpec, PipelineFile};

use super::ProposeRequest;
use super::material::Material;

/// Its text, as the deliveries of the same panels before it.
pub fn text(request: &ProposeRequest, pipeline: &PipelineFile, material: &Material) -> String {
    let before = pipeline.deliveries.iter().filter(|spec| {
        spec.wave < request.wave && spec.panels.iter().any(|panel| material.panels.contains(panel))
    });
    let before = before.max_by_key(|spec| spec.wave);
    let folder = request.pipeline.parent().unwrap_or(Path::new(""));
    let file = relative(&request.file, folder);
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let panels: Vec<String> = material.panels.iter().map(|panel| quoted(panel)).collect();
    let mut text = String::from("[[delivery]]\n");
    let _ = writeln!(text, "name = {}", quoted(&name(request, pipeline)));
    let _ = writeln!(text, "file = {}", quoted(&file.to_string_lossy()));
    let _ = writeln!(text, "profile = {}", quoted(&material.profile));
    let _ = writeln!(text, "wave = {}", request.wave);
    let _ = writeln!(text, "panels = [{}]", panels.join(", "));
    if let Some(space) = id_space(before, &material.panels) {
        let _ = writeln!(text, "id_space = {}", quoted(&space));
    }
    if let Some(sheet) = &request.sheet {
        let _ = writeln!(text, "sheet = {}", quoted(sheet));
    }
    text
}

/// Where people are the same as before, and wherever there are several panels.
fn id_space(before: Option<&DeliverySpec>, panels: &[String]) -> Option<String> {
    let own = before.and_then(|spec| spec.id_space.clone());
    own.or_else(|| (panels.len() > 1).then(|| panels.join("_")))
}

/// The file's name as a delivery's, which no other one has.
fn name(request: &ProposeRequest, pipeline: &PipelineFile) -> String {
    let stem = request.file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-');
    let stem: String = stem.chars().map(|sign| if plain(sign) { sign } else { '_' }).collect();
    let stem = stem.trim_matches(['_', '-']);
    let is_free = |name: &str| pipeline.deliveries.iter().all(|spec| spec.name != name);
    let other = format!("{}_{}", request.panels[0], request.wave);
    if is_name(stem) && is_free(stem) { stem.to_owned() } else { other }
}

/// The way from a folder to a file; the whole path where there is none.
fn relative(file: &Path, folder: &Path) -> PathBuf {
    let absolute = |path: &Path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        std::path::absolute(path).ok().map(|path| folded(&path))
    };
    let (Some(to), Some(from)) = (absolute(file), absolute(folder)) else { return file.to_owned() };
    let (to, from): (Vec<_>, Vec<_>) = (to.components().collect(), from.components().collect());
    let shared = to.iter().zip(&from).take_while(|(one, other)| one == other).count();
    if shared <= 1 && from.len() > 1 {
        return file.to_owned();
    }
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    up.chain(to[shared..].iter().copied()).collect()
}

fn folded(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_from_the_pipelines_folder() {
        let check = |file: &str, folder: &str, expected: &str| {
            assert_eq!(relative(Path::new(file), Path::new(folder)), Path::new(expected));
        };
        check("/a/data/x.csv", "/a/pipelines", "../data/x.csv");
        check("/a/pipelines/x.csv", "/a/pipelines", "x.csv");
        check("data/../x.csv", "", "x.csv");
        check("/other/x.csv", "/a/pipelines", "/other/x.csv");
    }
}
