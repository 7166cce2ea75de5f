//! Distribution functions and quantiles; quantiles are polished by Newton steps on the distribution function.

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{gamma_ur, ln_gamma};

/// Degrees of freedom above which t and F are those of a known variance.
const NORMAL: f64 = 1e9;
/// Degrees of freedom from which the tail of t follows from that of the normal distribution by a series.
const MANY: f64 = 60.0;

/// P(Z > z) of the standard normal distribution.
pub(crate) fn normal_upper(z: f64) -> f64 {
    if z == 0.0 {
        return 0.5;
    }
    let tail = gamma_ur(0.5, z * z / 2.0) / 2.0;
    if z > 0.0 { tail } else { 1.0 - tail }
}

/// z with P(Z <= z) = p.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let mut z = -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p);
    for _ in 0..2 {
        let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        if density > 0.0 {
            z -= if p < 0.5 { normal_upper(-z) - p } else { (1.0 - p) - normal_upper(z) } / density;
        }
    }
    z
}

/// Two-sided p value of `t`; infinite degrees of freedom = normal; NaN for degrees of freedom of 0 or less.
pub(crate) fn student_two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    if t.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    if degrees_of_freedom > NORMAL {
        return 2.0 * normal_upper(t.abs());
    }
    if t.is_infinite() {
        return 0.0;
    }
    if degrees_of_freedom >= MANY
        && let Some(p) = two_sided_of_many(t, degrees_of_freedom)
    {
        return p;
    }
    let sum = degrees_of_freedom + t * t;
    beta_reg(degrees_of_freedom / 2.0, 0.5, degrees_of_freedom / sum, t * t / sum)
}

/// Two-sided p value of `t` for many degrees of freedom: I_x(a, 1/2) with x near 1 and large a as a series of incomplete gamma
/// functions of 1/2 (DiDonato and Morris 1992, ACM TOMS 18, section 9). The continued fraction would take as many steps as the
/// root of the degrees of freedom, and lose a digit with every ten of them. None where the tail is too small for it.
fn two_sided_of_many(t: f64, degrees_of_freedom: f64) -> Option<f64> {
    const TERMS: usize = 20;
    let (a, b) = (degrees_of_freedom / 2.0, 0.5);
    let log_x = -(t * t / degrees_of_freedom).ln_1p();
    let scale = a - 0.25;
    let z = -scale * log_x;
    if z > 300.0 {
        return None;
    }
    // z^b e^-z / Γ(b): the first term of the incomplete gamma function by which the others follow.
    let first = (z / std::f64::consts::PI).sqrt() * (-z).exp();
    if first == 0.0 {
        return Some(1.0);
    }
    // Γ(a + 1/2) / (Γ(a) √scale)
    let inverse = 1.0 / (a * a);
    let logarithm =
        -(0.125 - (1.0 / 192.0 - (1.0 / 640.0 - 17.0 / 14336.0 * inverse) * inverse) * inverse) / a;
    let ratio = (logarithm - 0.5 * (-0.25 / a).ln_1p()).exp();
    let (quarter, square) = (0.25 / (scale * scale), 0.25 * log_x * log_x);
    let mut j = 2.0 * normal_upper((2.0 * z).sqrt()) / first;
    let (mut sum, mut power, mut c) = (j, 1.0, 1.0);
    let (mut series, mut factors) = ([0.0; TERMS + 1], [0.0; TERMS + 1]);
    for n in 1..=TERMS {
        let twice = 2.0 * (n as f64 - 1.0);
        j = ((b + twice) * (b + twice + 1.0) * j + (z + b + twice + 1.0) * power) * quarter;
        power *= square;
        c /= (twice + 2.0) * (twice + 3.0);
        let earlier: f64 =
            (1..n).map(|i| (b * i as f64 - n as f64) * series[i] * factors[n - i]).sum();
        series[n] = c;
        factors[n] = (b - 1.0) * c + earlier / n as f64;
        let term = factors[n] * j;
        sum += term;
        if term.abs() <= 1e-17 * sum.abs() {
            break;
        }
    }
    Some(ratio * first * sum)
}

/// t with P(T <= t) = p, for p of 0.5 or more.
pub(crate) fn student_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    let normal = normal_quantile(p);
    if degrees_of_freedom > NORMAL || p == 0.5 {
        return normal;
    }
    let tail = 2.0 * (1.0 - p);
    let log_constant = -ln_beta(degrees_of_freedom / 2.0, 0.5) - degrees_of_freedom.ln() / 2.0;
    let density = |t: f64| {
        (log_constant
            - f64::midpoint(degrees_of_freedom, 1.0) * (t * t / degrees_of_freedom).ln_1p())
        .exp()
    };
    // The upper tail is convex right of 0, so Newton from the left of the solution climbs to it.
    let mut t = normal;
    for _ in 0..100 {
        let step = (student_two_sided(t, degrees_of_freedom) - tail) / (2.0 * density(t));
        t += step;
        if step.abs() <= 1e-15 * t.abs() {
            break;
        }
    }
    t
}

/// t with P(|T| > t) = `tail`, also of tails far below the precision of 1 - `tail`.
pub(crate) fn student_of_tail(tail: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    let z = normal_of_tail(tail);
    if degrees_of_freedom > NORMAL || z == 0.0 {
        return z;
    }
    let df = degrees_of_freedom;
    // Two terms of Cornish and Fisher where they are near, else from the left as `student_quantile`.
    let mut t = if z * z < df / 4.0 {
        z + (z.powi(3) + z) / (4.0 * df)
            + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df)
    } else {
        z
    };
    let log_constant = -ln_beta(df / 2.0, 0.5) - df.ln() / 2.0;
    for _ in 0..100 {
        let density = (log_constant - f64::midpoint(df, 1.0) * (t * t / df).ln_1p()).exp();
        let step = (student_two_sided(t, df) - tail) / (2.0 * density);
        t += step;
        if step.is_nan() || step.abs() <= 1e-13 * t.abs() {
            break;
        }
    }
    t
}

/// z with P(|Z| > z) = `tail`.
fn normal_of_tail(tail: f64) -> f64 {
    if tail >= 1.0 { 0.0 } else { std::f64::consts::SQRT_2 * erfc_inv(tail) }
}

/// P(F > f).
pub(crate) fn f_upper(f: f64, numerator: f64, denominator: f64) -> f64 {
    if f.is_nan()
        || numerator.is_nan()
        || denominator.is_nan()
        || numerator <= 0.0
        || denominator <= 0.0
    {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 1.0;
    }
    if denominator > NORMAL {
        return chi_square_upper(f * numerator, numerator);
    }
    let sum = denominator + numerator * f;
    beta_reg(denominator / 2.0, numerator / 2.0, denominator / sum, numerator * f / sum)
}

/// P(X > x) of the chi-square distribution.
pub(crate) fn chi_square_upper(x: f64, degrees_of_freedom: f64) -> f64 {
    if x.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        f64::NAN
    } else if x <= 0.0 {
        1.0
    } else {
        gamma_ur(degrees_of_freedom / 2.0, x / 2.0).max(0.0)
    }
}

/// x with P(X <= x) = p of the beta distribution with shapes `a` and `b`; 0 or 1 where a shape is 0.
pub(crate) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    if a <= 0.0 || b <= 0.0 {
        return if a <= 0.0 { 0.0 } else { 1.0 };
    }
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    let log_constant = -ln_beta(a, b);
    for _ in 0..200 {
        let miss = beta_reg(a, b, x, 1.0 - x) - p;
        if miss > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = (log_constant + (a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p()).exp();
        let newton = x - miss / density;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-16 + 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

/// Logarithm of the beta function, without the cancellation of large gammas.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large < 30.0 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    // lnΓ(large) - lnΓ(large + small) by Stirling's series
    let correction = |x: f64| {
        (1.0 - (1.0 - (2.0 / 7.0 - 3.0 / (14.0 * x * x)) / (x * x)) / (30.0 * x * x)) / (12.0 * x)
    };
    let sum = large + small;
    let difference =
        -(large - 0.5) * (small / large).ln_1p() - small * sum.ln() + small + correction(large)
            - correction(sum);
    ln_gamma(small) + difference
}

/// Regularised incomplete beta function I_x(a, b) by its continued fraction (modified Lentz); `y` is 1 - x.
fn beta_reg(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let logarithm = |value: f64, rest: f64| if value < 0.5 { value.ln() } else { (-rest).ln_1p() };
    let front = (a * logarithm(x, y) + b * logarithm(y, x) - ln_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, x) / a
    } else {
        1.0 - front * continued_fraction(b, a, y) / b
    }
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..100_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 4e-12 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn quantiles_match_published_tables() {
        // R 4.2.2: qnorm(0.975), qt(0.975, c(1, 3, 14, 197))
        near(normal_quantile(0.975), 1.959_963_984_540_054);
        near(student_quantile(0.975, 1.0), 12.706_204_736_174_7);
        near(student_quantile(0.975, 3.0), 3.182_446_305_284_263);
        near(student_quantile(0.975, 14.0), 2.144_786_687_916_928);
        near(student_quantile(0.975, f64::INFINITY), 1.959_963_984_540_054);
    }

    #[test]
    fn with_many_degrees_of_freedom_the_series_gives_what_the_continued_fraction_gives() {
        for df in [60.0, 61.5, 83.0, 120.0, 199.0, 431.5, 2e3, 2e4] {
            for t in [1e-8, 0.01, 0.7, 1.96, 4.0, 9.0, 20.0] {
                let sum = df + t * t;
                let slowly = beta_reg(df / 2.0, 0.5, df / sum, t * t / sum);
                near(two_sided_of_many(t, df).unwrap_or(f64::NAN), slowly);
            }
        }
        // mpmath 1.3, 40 digits: betainc(100.75, 1/2, 0, 201.5 / (201.5 + 8²), regularized=True)
        near(student_two_sided(8.0, 201.5), 9.614_721_484_164_34e-14);
        near(student_two_sided(1.96, 1e5), 0.049_998_563_194_301_6);
        near(student_two_sided(4.0, 3e6), 6.334_400_042_170_2e-5);
        assert!(two_sided_of_many(40.0, 1e4).is_none());
    }

    #[test]
    fn quantiles_and_probabilities_are_inverse() {
        for df in [0.7, 2.0, 9.0, 1e3, 1e6] {
            near(student_two_sided(student_quantile(0.995, df), df), 0.01);
        }
        for (a, b) in [(0.5, 0.5), (3.0, 900.0), (45.2, 12.8), (1.0, 1.0)] {
            let x = beta_quantile(0.025, a, b);
            near(beta_reg(a, b, x, 1.0 - x), 0.025);
        }
        near(beta_reg(2.0, 3.0, 0.4, 0.6), 0.5248);
        near(chi_square_upper(2.0, 2.0), (-1.0_f64).exp());
        near(f_upper(3.0, 2.0, 4.0), 0.16);
    }

    #[test]
    fn quantiles_of_tails_are_those_of_probabilities_and_go_further() {
        for df in [0.7, 2.0, 9.0, 41.0, 1e3, 1e6, f64::INFINITY] {
            for p in [0.6, 0.975, 0.9995] {
                let (found, expected) =
                    (student_of_tail(2.0 * (1.0 - p), df), student_quantile(p, df));
                assert!((found - expected).abs() < 1e-9 * expected, "{df} {p}: {found} {expected}");
            }
        }
        for df in [9.0, 41.0, 1e3] {
            for tail in [1e-5, 1e-30] {
                let back = student_two_sided(student_of_tail(tail, df), df);
                assert!((back / tail - 1.0).abs() < 1e-9, "{df} {tail}: {back}");
            }
        }
        assert_eq!(student_of_tail(1.0, 5.0), 0.0);
    }

    #[test]
    fn t_with_many_degrees_of_freedom_is_normal() {
        near(student_two_sided(2.0, 1e15), 2.0 * normal_upper(2.0));
    }

    #[test]
    fn no_degrees_of_freedom_give_no_number() {
        assert!(student_quantile(0.975, 0.0).is_nan());
        assert!(student_two_sided(1.0, -1.0).is_nan());
        assert!(f_upper(1.0, 2.0, 0.0).is_nan());
    }
}
