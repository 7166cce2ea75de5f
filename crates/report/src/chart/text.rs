//! How wide a text will be, and where it breaks. Widths of a plain sans-serif face, a little generous.

/// Width in pixels at a size.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(of).sum::<f64>() * size
}

fn of(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' | 'I' | '’' | '‘' => 0.27,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '“' | '”' => 0.34,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.88,
        '+' | '−' | '=' | '<' | '>' | '▲' | '▼' | '▬' => 0.66,
        letter if letter.is_uppercase() => 0.7,
        letter if letter as u32 > 0x2E80 => 1.0,
        _ => 0.56,
    }
}

/// Lines of at most this width; a word that is longer stands alone on its line.
pub fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Places labels of given heights near where they want to be, without one over another, between two bounds.
pub fn apart(wanted: &[f64], heights: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    let mut centres = vec![0.0; wanted.len()];
    let mut free = top;
    for place in &order {
        let half = heights[*place] / 2.0;
        centres[*place] = wanted[*place].max(free + half);
        free = centres[*place] + half;
    }
    let mut free = bottom.max(top + heights.iter().sum::<f64>());
    for place in order.iter().rev() {
        let half = heights[*place] / 2.0;
        centres[*place] = centres[*place].min(free - half);
        free = centres[*place] - half;
    }
    centres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_never_stand_over_one_another_and_keep_their_order() {
        let wanted = [50.0, 52.0, 51.0, 198.0, 199.0];
        let heights = [26.0, 13.0, 13.0, 26.0, 13.0];
        let centres = apart(&wanted, &heights, 0.0, 200.0);
        let mut order = [0, 2, 1, 3, 4].map(|place| (centres[place], heights[place]));
        order.windows(2).for_each(|pair| {
            assert!(
                pair[1].0 - pair[0].0 >= f64::midpoint(pair[0].1, pair[1].1) - 1e-9,
                "{pair:?}"
            );
        });
        order.reverse();
        assert!(order[0].0 + order[0].1 / 2.0 <= 200.0 + 1e-9);
    }

    #[test]
    fn a_text_breaks_between_words_only() {
        assert_eq!(wrapped("digital care at home", 10.0, 60.0).join("|"), "digital care|at home");
        assert_eq!(wrapped("Telemonitoringvoorziening", 10.0, 20.0).len(), 1);
    }
}
