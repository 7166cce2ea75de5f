//! The functions that a condition may call, and the arithmetic that answers null where it cannot answer.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::class::Class::{self, Boolean, Number, Text};

/// What a function takes.
pub enum Takes {
    /// These arguments; of them at least so many.
    Exactly(&'static [Class], usize),
    /// At least so many of one class, whichever it is.
    SameKind(usize),
    /// At least so many texts.
    Texts(usize),
}

/// What a function gives; none: what its arguments are.
pub struct Allowed {
    pub name: &'static str,
    pub takes: Takes,
    pub gives: Option<Class>,
}

const fn exactly(
    name: &'static str,
    takes: &'static [Class],
    least: usize,
    gives: Class,
) -> Allowed {
    Allowed { name, takes: Takes::Exactly(takes, least), gives: Some(gives) }
}

/// The allow-list of conditions and derivations.
pub const ALLOWED: &[Allowed] = &[
    Allowed { name: "coalesce", takes: Takes::SameKind(1), gives: None },
    Allowed { name: "nullif", takes: Takes::SameKind(2), gives: None },
    Allowed { name: "greatest", takes: Takes::SameKind(1), gives: None },
    Allowed { name: "least", takes: Takes::SameKind(1), gives: None },
    Allowed { name: "concat", takes: Takes::Texts(1), gives: Some(Text) },
    exactly("abs", &[Number], 1, Number),
    exactly("ceil", &[Number], 1, Number),
    exactly("exp", &[Number], 1, Number),
    exactly("floor", &[Number], 1, Number),
    exactly("ln", &[Number], 1, Number),
    exactly("log10", &[Number], 1, Number),
    exactly("power", &[Number, Number], 2, Number),
    exactly("round", &[Number, Number], 1, Number),
    exactly("sqrt", &[Number], 1, Number),
    exactly("trunc", &[Number], 1, Number),
    exactly("btrim", &[Text, Text], 1, Text),
    exactly("character_length", &[Text], 1, Number),
    exactly("contains", &[Text, Text], 2, Boolean),
    exactly("ends_with", &[Text, Text], 2, Boolean),
    exactly("left", &[Text, Number], 2, Text),
    exactly("length", &[Text], 1, Number),
    exactly("lower", &[Text], 1, Text),
    exactly("lpad", &[Text, Number, Text], 2, Text),
    exactly("ltrim", &[Text, Text], 1, Text),
    exactly("regexp_like", &[Text, Text, Text], 2, Boolean),
    exactly("replace", &[Text, Text, Text], 3, Text),
    exactly("right", &[Text, Number], 2, Text),
    exactly("rtrim", &[Text, Text], 1, Text),
    exactly("split_part", &[Text, Text, Number], 3, Text),
    exactly("starts_with", &[Text, Text], 2, Boolean),
    exactly("strpos", &[Text, Text], 2, Number),
    exactly("substr", &[Text, Number, Number], 2, Text),
    exactly("trim", &[Text, Text], 1, Text),
    exactly("upper", &[Text], 1, Text),
];

/// Names under which division and remainder are called after guarding.
pub const DIVIDE: &str = "safe_divide";
pub const REMAINDER: &str = "safe_remainder";

type One = fn(f64) -> f64;
type Two = fn(f64, f64) -> f64;

/// Functions of numbers; an undefined or infinite result is null.
pub fn own() -> Vec<Arc<ScalarUDF>> {
    let one: [(_, One); 8] = [
        ("abs", f64::abs),
        ("ceil", f64::ceil),
        ("exp", f64::exp),
        ("floor", f64::floor),
        ("ln", f64::ln),
        ("log10", f64::log10),
        ("sqrt", f64::sqrt),
        ("trunc", f64::trunc),
    ];
    let two: [(_, Two); 3] = [
        (DIVIDE, |over, under| over / under),
        ("power", f64::powf),
        (REMAINDER, |over, under| over % under),
    ];
    let one =
        one.into_iter().map(|(name, function)| Numeric::new(name, &[1], Arithmetic::One(function)));
    let two =
        two.into_iter().map(|(name, function)| Numeric::new(name, &[2], Arithmetic::Two(function)));
    let round = Numeric::new("round", &[1, 2], Arithmetic::Round);
    one.chain(two)
        .chain([round])
        .map(|function| Arc::new(ScalarUDF::new_from_impl(function)))
        .collect()
}

#[derive(Debug, Clone, Copy)]
enum Arithmetic {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
    /// Half away from zero.
    Round,
}

#[derive(Debug)]
struct Numeric {
    name: &'static str,
    signature: Signature,
    arithmetic: Arithmetic,
}

// A function is known by its name; pointers to functions cannot be compared.
impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Numeric {}
impl std::hash::Hash for Numeric {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Numeric {
    fn new(name: &'static str, counts: &[usize], arithmetic: Arithmetic) -> Self {
        let of = |count: &usize| {
            datafusion::logical_expr::TypeSignature::Uniform(*count, vec![DataType::Float64])
        };
        let signature = Signature::one_of(counts.iter().map(of).collect(), Volatility::Immutable);
        Self { name, signature, arithmetic }
    }
}

impl ScalarUDFImpl for Numeric {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&given.args)?;
        let numbers = |array: &ArrayRef| array.as_primitive::<Float64Type>().clone();
        let answer: Float64Array = match (self.arithmetic, arrays.as_slice()) {
            (Arithmetic::One(function), [one]) => map_one(&numbers(one), function),
            (Arithmetic::Two(function), [one, two]) => {
                map_two(&numbers(one), &numbers(two), function)
            }
            (Arithmetic::Round, [one]) => map_one(&numbers(one), f64::round),
            (Arithmetic::Round, [one, two]) => map_two(&numbers(one), &numbers(two), round_to),
            _ => {
                return datafusion::common::internal_err!(
                    "`{}`: wrong number of arguments",
                    self.name
                );
            }
        };
        Ok(ColumnarValue::Array(Arc::new(answer)))
    }
}

fn map_one(numbers: &Float64Array, function: fn(f64) -> f64) -> Float64Array {
    numbers.iter().map(|number| number.map(function).filter(|answer| answer.is_finite())).collect()
}

fn map_two(
    left: &Float64Array,
    right: &Float64Array,
    function: fn(f64, f64) -> f64,
) -> Float64Array {
    let rows = left.iter().zip(right.iter());
    rows.map(|(left, right)| Some(function(left?, right?)).filter(|answer| answer.is_finite()))
        .collect()
}

/// Half away from zero at so many decimals.
fn round_to(number: f64, decimals: f64) -> f64 {
    let scale = 10_f64.powf(decimals.trunc());
    (number * scale).round() / scale
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use arrow::array::Array;
    use arrow::datatypes::{Field, Schema};
    use arrow::record_batch::RecordBatch;
    use arrow::util::display::array_value_to_string;
    use survey::Expressions;

    use super::*;
    use crate::Engine;

    /// A call of each function that tells it from the ones that are most like it; `x` is -2.7, `w` is 1000, `t` is ` Ab-cb `.
    const CALLS: [(&str, &str); 41] = [
        ("coalesce(nullif(w, 1000), 7)", "7.0"),
        ("nullif(w, 999)", "1000.0"),
        ("greatest(x, w, 3)", "1000.0"),
        ("least(x, w, 3)", "-2.7"),
        ("concat('a', t, 'c')", "a Ab-cb c"),
        ("abs(x)", "2.7"),
        ("ceil(x)", "-2.0"),
        ("exp(x - x)", "1.0"),
        ("round(exp(w / 1000), 6)", "2.718282"),
        ("floor(x)", "-3.0"),
        ("round(ln(w), 6)", "6.907755"),
        ("log10(w)", "3.0"),
        ("power(x + 4.7, 10)", "1024.0"),
        ("round(x)", "-3.0"),
        ("round(0 - 2.4)", "-2.0"),
        ("round(x * 10.01, 1)", "-27.0"),
        ("round(w / 16, 1)", "62.5"),
        ("sqrt(w * 10)", "100.0"),
        ("trunc(x)", "-2.0"),
        ("trunc(0 - x)", "2.0"),
        ("btrim(t)", "Ab-cb"),
        ("character_length(t)", "7.0"),
        ("contains(t, 'b-c')", "true"),
        ("ends_with(t, 'b ')", "true"),
        ("ends_with(t, 'Ab')", "false"),
        ("left(btrim(t), 2)", "Ab"),
        ("length(t)", "7.0"),
        ("lower(t)", " ab-cb "),
        ("lpad(btrim(t), 7, '*')", "**Ab-cb"),
        ("ltrim(t)", "Ab-cb "),
        ("regexp_like(t, '^ A.*b $')", "true"),
        ("replace(t, 'b', 'x')", " Ax-cx "),
        ("right(btrim(t), 2)", "cb"),
        ("rtrim(t)", " Ab-cb"),
        ("split_part(t, '-', 2)", "cb "),
        ("starts_with(t, ' A')", "true"),
        ("starts_with(t, 'cb')", "false"),
        ("strpos(t, 'b')", "3.0"),
        ("substr(t, 2, 2)", "Ab"),
        ("trim(t)", "Ab-cb"),
        ("upper(t)", " AB-CB "),
    ];

    #[test]
    fn each_function_gives_its_own_answer_and_none_is_without_a_call() {
        let columns: [(&str, ArrayRef); 3] = [
            ("x", Arc::new(Float64Array::from(vec![-2.7]))),
            ("w", Arc::new(Float64Array::from(vec![1000.0]))),
            ("t", Arc::new(arrow::array::StringArray::from(vec![" Ab-cb "]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let engine = Engine::new();
        for (call, expected) in CALLS {
            let found = engine.evaluate(&batch, call).unwrap();
            assert_eq!(array_value_to_string(&found, 0).unwrap(), expected, "{call}");
        }
        let without: Vec<&str> = ALLOWED
            .iter()
            .map(|allowed| allowed.name)
            .filter(|name| !CALLS.iter().any(|(call, _)| call.contains(&format!("{name}("))))
            .collect();
        assert!(without.is_empty(), "no call of {without:?}");
    }

    #[test]
    fn a_number_that_is_undefined_or_infinite_is_null() {
        let schema = Schema::new(vec![Field::new("w", DataType::Float64, true)]);
        let batch = RecordBatch::try_new(
            Arc::new(schema),
            vec![Arc::new(Float64Array::from(vec![1000.0]))],
        )
        .unwrap();
        for call in [
            "exp(w)",
            "log10(w - w)",
            "ln(0 - w)",
            "sqrt(0 - w)",
            "power(w, w)",
            "power(0 - w, 0.5)",
        ] {
            assert!(Engine::new().evaluate(&batch, call).unwrap().is_null(0), "{call}");
        }
    }
}
