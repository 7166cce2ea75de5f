//! Nonresponse adjustment in weighting classes.

use crate::Error;
use crate::margin::check_weights;

/// Respondents take over the weight of the nonrespondents of their class; nonrespondents get 0.
///
/// `classes`: class per row, an index into `names`, which messages use.
pub fn adjust_classes(
    base: &[f64],
    respondent: &[bool],
    classes: &[u32],
    names: &[String],
) -> Result<Vec<f64>, Error> {
    check_weights(base)?;
    for (what, found) in [("respondent", respondent.len()), ("classes", classes.len())] {
        if found != base.len() {
            return Err(Error::Length { what: what.into(), found, expected: base.len() });
        }
    }
    let mut of_class = vec![(0.0, 0.0, 0_usize); names.len()];
    let mut missing = 0;
    for ((&weight, &responds), &class) in base.iter().zip(respondent).zip(classes) {
        match of_class.get_mut(class as usize) {
            _ if weight == 0.0 => {}
            None => missing += 1,
            Some((all, responding, rows)) => {
                *all += weight;
                *responding += if responds { weight } else { 0.0 };
                *rows += 1;
            }
        }
    }
    if missing > 0 {
        return Err(Error::MissingAuxiliary {
            margin: "nonresponse classes".into(),
            rows: missing,
        });
    }
    for (name, &(_, responding, rows)) in names.iter().zip(&of_class) {
        if rows > 0 && responding == 0.0 {
            return Err(Error::ClassWithoutRespondent { class: name.clone(), rows });
        }
    }
    let adjusted = |((&weight, &responds), &class): ((&f64, &bool), &u32)| {
        if weight == 0.0 || !responds {
            return 0.0;
        }
        let (all, responding, _) = of_class[class as usize];
        weight * (all / responding)
    };
    Ok(base.iter().zip(respondent).zip(classes).map(adjusted).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn respondents_carry_their_class() {
        let names = ["young".to_owned(), "old".to_owned()];
        let weights = adjust_classes(
            &[1.0, 3.0, 2.0, 2.0],
            &[true, false, true, true],
            &[0, 0, 1, 1],
            &names,
        );
        assert_eq!(weights.unwrap(), [4.0, 0.0, 2.0, 2.0]);
    }

    #[test]
    fn a_class_in_which_nobody_responds_is_an_error() {
        let names = ["young".to_owned(), "old".to_owned()];
        let error = adjust_classes(&[1.0, 3.0], &[true, false], &[0, 1], &names).unwrap_err();
        assert!(error.to_string().starts_with("nonresponse class old: 1 rows and no respondent"));
        let error = adjust_classes(&[1.0, 3.0], &[true, false], &[0, 7], &names).unwrap_err();
        assert_eq!(
            error,
            Error::MissingAuxiliary { margin: "nonresponse classes".into(), rows: 1 }
        );
    }
}
