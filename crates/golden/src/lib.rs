//! Runs the golden cases: recomputes what R survey gives and compares every number.

mod backend;
mod compare;
mod comparison;
mod error;
mod fit;
mod frame;
mod inequality;
mod points;
mod request;
mod scope;
mod share;
mod spec;
mod weighting;

use std::fs;
use std::path::{Path, PathBuf};

use estimate::Linearisation;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use survey::design::Design;

pub use error::Error;

use backend::{Backend, Columns};
use compare::Limits;
use error::misfit;
use frame::{Frame, read_columns};
use scope::{Context, number};
use spec::{DistanceSpec, Replicate, Spec, Step};

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Name of its folder.
    pub name: String,
    /// Every difference from the expected numbers, or why the case did not run; empty = passed.
    pub differences: Vec<String>,
}

/// Strictest part to which numbers of methods without iteration are compared.
const DIRECT: f64 = 1e-9;

/// Runs every case folder below `root`, in order of name.
pub fn run_all(root: &Path) -> Result<Vec<Outcome>, Error> {
    let error = |error: std::io::Error| Error::File {
        file: root.display().to_string(),
        reason: error.to_string(),
    };
    let entries =
        fs::read_dir(root).map_err(error)?.collect::<Result<Vec<_>, _>>().map_err(error)?;
    let mut folders: Vec<PathBuf> =
        entries.iter().map(fs::DirEntry::path).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders.par_iter().map(|folder| run_case(folder)).collect())
}

/// Runs one case folder.
pub fn run_case(folder: &Path) -> Outcome {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let differences = check(folder).unwrap_or_else(|error| vec![error.to_string()]);
    Outcome { name, differences }
}

fn check(folder: &Path) -> Result<Vec<String>, Error> {
    let spec: Spec = read_json(folder, "spec.json")?;
    spec.check()?;
    let expected: Value = read_json(folder, "expected.json")?;
    let frame = Frame::read(folder, &spec.data)?;
    let design = weighting::base_design(&frame, &spec.design)?;
    let limits = limits(&spec);
    if expected.get("must_fail") == Some(&Value::Bool(true)) {
        let has_steps = !spec.weighting.is_empty();
        return match compute(folder, &spec, &frame, design, &expected) {
            Err(Error::Weight(_)) => Ok(Vec::new()),
            // Without weighting it is the design that must be refused.
            Err(Error::Estimate(_)) if !has_steps => Ok(Vec::new()),
            Err(Error::Estimate(_)) | Ok(_) => {
                Ok(vec!["weighting: gave weights, expected a refusal".into()])
            }
            Err(other) => Err(other),
        };
    }
    let actual = compute(folder, &spec, &frame, design, &expected)?;
    let mut differences = compare::differences(&expected, &actual, "", limits);
    let is_expected = |id: &String| expected["results"].get(id).is_some();
    let unexpected = spec.requests.iter().filter(|request| !is_expected(&request.id));
    differences.extend(unexpected.map(|request| format!(".results.{}: not expected", request.id)));
    Ok(differences)
}

/// Everything that `expected` asks for.
fn compute(
    folder: &Path,
    spec: &Spec,
    frame: &Frame,
    base: Design,
    expected: &Value,
) -> Result<Value, Error> {
    let (weights, adjustments) = weighting::run_steps(frame, spec, &base, &base.weights)?;
    let mut actual = json!({
        "weights": weights,
        "weight_diagnostics": diagnostics(&weights, &base.weights),
    });
    let replicates = match &spec.replicate {
        Some(replicate) => Some(columns(folder, spec, frame, &base, replicate)?),
        None => None,
    };
    if let Some(columns) = &replicates {
        let square = |weights: &Vec<f64>| weights.iter().map(|weight| weight * weight).sum();
        let squares: Vec<f64> = columns.weights.iter().map(square).collect();
        let first: Vec<_> = columns.weights.iter().take(3).collect();
        actual["reweighted_replicates"] = json!({ "first3": first, "sum_of_squares": squares });
    }
    let design = Design { weights, adjustments, ..base };
    if spec.requests.is_empty() && expected.get("results").is_none_or(is_empty) {
        let linearisation = Linearisation::new(Design { adjustments: Vec::new(), ..design })?;
        actual["degf"] = json!(linearisation.degrees_of_freedom(None));
        actual["results"] = json!([]);
        return Ok(actual);
    }
    let backend = Backend { linearisation: Linearisation::new(design)?, replicates };
    let all = vec![true; frame.rows()];
    actual["degf"] = json!(backend.degrees_of_freedom(&all));
    actual["replicate_degf"] = actual["degf"].clone();
    let context = Context { frame, backend: &backend };
    let compute = |request: &spec::Request| Ok((request.id.clone(), request.compute(&context)?));
    let results: Map<String, Value> =
        spec.requests.iter().map(compute).collect::<Result<_, Error>>()?;
    actual["results"] = Value::Object(results);
    Ok(actual)
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The case's tolerance, or the stricter one where nothing iterates.
fn limits(spec: &Spec) -> Limits {
    let iterates = |step: &Step| match step {
        Step::Rake { .. } => true,
        Step::Calibrate { distance, bounds, .. } => {
            *distance != DistanceSpec::Linear || bounds.is_some()
        }
        _ => false,
    };
    let tolerance = &spec.tolerance;
    let direct = !spec.weighting.iter().any(iterates);
    Limits {
        relative: if direct { tolerance.relative.min(DIRECT) } else { tolerance.relative },
        absolute: tolerance.absolute_se_or_p,
        relative_model: tolerance.relative_prop_ci_logit_likelihood,
    }
}

fn columns(
    folder: &Path,
    spec: &Spec,
    frame: &Frame,
    base: &Design,
    replicate: &Replicate,
) -> Result<Columns, Error> {
    let columns = read_columns(&folder.join(&replicate.file))?;
    if columns.len() != replicate.count || replicate.rscales.len() != replicate.count {
        let found = format!("{} columns and {} scales", columns.len(), replicate.rscales.len());
        return Err(misfit(&replicate.file, found, format!("{} of both", replicate.count)));
    }
    let column = |cells: &Vec<String>| {
        let parse =
            |cell: &String| cell.parse().map_err(|_| misfit(&replicate.file, "text", "a number"));
        let mut weights = cells.iter().map(parse).collect::<Result<Vec<f64>, _>>()?;
        if weights.len() != frame.rows() {
            let found = format!("{} rows", weights.len());
            return Err(misfit(&replicate.file, found, format!("{} rows", frame.rows())));
        }
        if !replicate.combined {
            weights.iter_mut().zip(&base.weights).for_each(|(factor, base)| *factor *= base);
        }
        if replicate.reweights {
            Ok(weighting::run_steps(frame, spec, base, &weights)?.0)
        } else {
            Ok(weights)
        }
    };
    let weights = columns.iter().map(|(_, cells)| column(cells)).collect::<Result<_, Error>>()?;
    Ok(Columns {
        weights,
        scale: replicate.scale,
        scales: replicate.rscales.clone(),
        mse: replicate.mse,
    })
}

fn diagnostics(weights: &[f64], base: &[f64]) -> Value {
    let found = weight::diagnostics::diagnose(weights, base);
    let probabilities = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];
    let quantile =
        |probability: f64| (probability.to_string(), number(found.quantile(probability)));
    let quantiles: Map<String, Value> = probabilities.map(quantile).into_iter().collect();
    json!({
        "n": found.n,
        "sum": found.sum,
        "min": found.min,
        "max": found.max,
        "mean": found.mean,
        "cv": number(found.cv),
        "kish_deff": number(found.design_effect),
        "ess": number(found.effective_sample_size),
        "quantiles_type7": quantiles,
        "g_min": found.g_min,
        "g_max": found.g_max,
        "g_mean": found.g_mean,
    })
}

fn read_json<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<T, Error> {
    let error = |reason: String| Error::File { file: file.to_owned(), reason };
    let text = fs::read_to_string(folder.join(file)).map_err(|reason| error(reason.to_string()))?;
    serde_json::from_str(&text).map_err(|reason| error(reason.to_string()))
}
