//! Compares what was computed with `expected.json`, number by number.

use serde_json::Value;

/// How close numbers have to be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Part of the larger of the expected number and its scale.
    pub relative: f64,
    /// For standard errors, design effects and p values.
    pub absolute: f64,
    /// For logit and likelihood intervals of proportions.
    pub relative_model: f64,
}

/// Explanations in the expected file, not results.
const REMARKS: [&str; 4] = ["note", "definition", "formula", "software"];

/// How R writes what is no number.
const NOT_A_NUMBER: [&str; 4] = ["NaN", "NA", "Inf", "-Inf"];

/// Every difference between `expected` and `actual`, with its place.
pub fn differences(expected: &Value, actual: &Value, place: &str, limits: Limits) -> Vec<String> {
    let mut found = Vec::new();
    compare(expected, actual, place, Scope { limits, scale: 0.0, key: "" }, &mut found);
    found
}

/// Size of the numbers around a place.
#[derive(Clone, Copy)]
struct Scope<'a> {
    limits: Limits,
    scale: f64,
    key: &'a str,
}

fn compare(
    expected: &Value,
    actual: &Value,
    place: &str,
    scope: Scope<'_>,
    found: &mut Vec<String>,
) {
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(computed)) => {
            let scope = scope.inside(wanted);
            for (key, value) in wanted.iter().filter(|entry| !REMARKS.contains(&entry.0.as_str())) {
                let place = format!("{place}.{key}");
                match computed.get(key) {
                    Some(computed) => {
                        compare(value, computed, &place, Scope { key, ..scope }, found);
                    }
                    None => found.push(format!("{place}: not computed")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(computed)) if wanted.len() == computed.len() => {
            let is_matrix = scope.key == "vcov" && wanted.first().is_some_and(Value::is_array);
            let scope = if is_matrix { scope.of_matrix(wanted) } else { scope };
            for (index, (wanted, computed)) in wanted.iter().zip(computed).enumerate() {
                compare(wanted, computed, &format!("{place}[{index}]"), scope, found);
            }
        }
        (Value::Number(wanted), Value::Number(computed)) => {
            let (wanted, computed) =
                (wanted.as_f64().unwrap_or(f64::NAN), computed.as_f64().unwrap_or(f64::NAN));
            let limit = scope.limit(wanted);
            let distance = (wanted - computed).abs();
            if distance.is_nan() || distance > limit {
                found.push(format!("{place}: {computed}, expected {wanted} (off by {distance:.2e}, limit {limit:.2e})"));
            }
        }
        (Value::String(text), Value::Null) if NOT_A_NUMBER.contains(&text.as_str()) => {}
        // R's totals and replicates put Σw < n into the formula; where R looks (svymean), it has none.
        (Value::Number(wanted), Value::Null)
            if scope.key.starts_with("deff")
                && wanted.as_f64().is_some_and(|wanted| wanted < 0.0) => {}
        (wanted, computed) if wanted == computed => {}
        (wanted, computed) => {
            found.push(format!("{place}: {}, expected {}", short(computed), short(wanted)));
        }
    }
}

impl<'a> Scope<'a> {
    fn inside(self, wanted: &serde_json::Map<String, Value>) -> Self {
        let estimate = wanted.get("estimate").and_then(Value::as_f64).map_or(self.scale, f64::abs);
        let is_model =
            matches!(wanted.get("method").and_then(Value::as_str), Some("logit" | "likelihood"));
        let relative = if is_model {
            self.limits.relative_model.max(self.limits.relative)
        } else {
            self.limits.relative
        };
        Scope { limits: Limits { relative, ..self.limits }, scale: estimate, ..self }
    }

    /// Covariances are as exact as the largest variance; those of fixed totals are rounding around 0.
    fn of_matrix(self, rows: &'a [Value]) -> Self {
        let diagonal = rows.iter().enumerate().filter_map(|(index, row)| row.get(index)?.as_f64());
        Scope { scale: diagonal.fold(self.limits.absolute, f64::max), ..self }
    }

    fn limit(self, wanted: f64) -> f64 {
        let relative = self.limits.relative * wanted.abs().max(self.scale);
        let has_floor = self.key == "se"
            || self.key.starts_with("deff")
            || self.key == "cv"
            || self.key.starts_with('p');
        if has_floor { relative.max(self.limits.absolute) } else { relative }
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(expected: &Value, actual: &Value, count: usize) {
        let limits = Limits { relative: 1e-9, absolute: 1e-9, relative_model: 1e-6 };
        assert_eq!(differences(expected, actual, "", limits).len(), count, "{expected} {actual}");
    }

    #[test]
    fn a_number_that_is_off_or_missing_is_a_difference() {
        check(
            &json!({ "estimate": 1.0, "se": 0.1 }),
            &json!({ "estimate": 1.0 + 1e-12, "se": 0.1, "more": 1 }),
            0,
        );
        check(&json!({ "estimate": 1.0 }), &json!({ "estimate": 1.0 + 1e-8 }), 1);
        check(&json!({ "estimate": 1.0, "se": 0.1 }), &json!({ "estimate": 1.0 }), 1);
        check(&json!([1.0, 2.0]), &json!([1.0]), 1);
        check(&json!(1.0), &json!(null), 1);
        check(&json!(null), &json!(1.0), 1);
        check(&json!("NaN"), &json!(null), 0);
        check(&json!("NaN"), &json!(1.0), 1);
        let matrix = |zero: f64| json!({ "vcov": [[100.0, zero], [zero, 50.0]] });
        check(&matrix(0.0), &matrix(1e-12), 0);
        check(&matrix(0.0), &matrix(1e-6), 2);
        check(
            &json!({ "method": "logit", "estimate": 1.0 }),
            &json!({ "method": "logit", "estimate": 1.0 + 1e-7 }),
            0,
        );
    }

    #[test]
    fn a_negative_design_effect_is_only_met_by_none() {
        let deff = |value: Value| json!({ "deff_wor": value });
        check(&deff(json!(-0.4)), &deff(json!(null)), 0);
        check(&deff(json!(-0.4)), &deff(json!(0.4)), 1);
        check(&deff(json!(0.4)), &deff(json!(null)), 1);
        check(&json!({ "estimate": -0.4 }), &json!({ "estimate": null }), 1);
    }
}
