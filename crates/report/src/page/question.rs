//! How an indicator was asked, its answers, and how often each was given.

use maud::{Markup, html};

use super::Edition;
use super::element::scrolled;
use crate::release::asked::Share;

impl Edition<'_> {
    /// The question as it was asked, one row where it stayed the same over waves.
    pub(super) fn questions(self, indicator: usize) -> Markup {
        let view = self.view;
        let one = &view.release.dimensions.indicators[indicator];
        let mut rows: Vec<(usize, usize, usize, String, String)> = Vec::new();
        let mut panels: Vec<usize> =
            view.release.of_indicator(indicator).iter().map(|one| one.key.panel).collect();
        panels.dedup();
        for panel in panels {
            for wave in 0..view.release.dimensions.waves.len() {
                let of = |name: &str| view.release.items.get(&(name.to_owned(), panel, wave));
                let Some(item) = of(&one.concept).or_else(|| of(&one.key)) else { continue };
                let text = view.text(&item.questions, "").to_owned();
                let is_broken = item.comparability == "break";
                let broken = if is_broken { view.words.say("term.series_break") } else { "" };
                let note = [item.note.as_str(), broken].into_iter().filter(|part| !part.is_empty());
                let note = note.collect::<Vec<_>>().join("; ");
                match rows.last_mut() {
                    Some(last)
                        if last.0 == panel
                            && last.3 == text
                            && last.4 == note
                            && last.2 + 1 == wave =>
                    {
                        last.2 = wave;
                    }
                    _ => rows.push((panel, wave, wave, text, note)),
                }
            }
        }
        let language = self.question_language(one.concept.as_str());
        html! {
            @if !rows.is_empty() {
                section {
                    h2 { (view.words.say("indicator.questions")) }
                    @let table = html! { table {
                        thead { tr { @for column in ["panel", "wave", "question", "remark"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } } } }
                        tbody { @for (panel, from, to, text, note) in rows { tr {
                            th scope="row" { (view.panel(panel)) }
                            td { (view.wave(from)) @if to > from { "–" (view.wave(to)) } }
                            td lang=[language.as_deref()] { (text) }
                            td { (note) }
                        } } }
                    } };
                    (scrolled(view.words.say("indicator.questions"), &table))
                }
            }
        }
    }

    /// The language of question texts where the page's own has none.
    pub(super) fn question_language(self, concept: &str) -> Option<String> {
        let item = self.view.release.items.iter().find(|((of, _, _), _)| of == concept)?;
        let has_own = item.1.questions.contains_key(&self.view.words.language);
        if has_own { None } else { item.1.questions.keys().next().cloned() }
    }

    pub(super) fn answers(self, indicator: usize) -> Markup {
        let view = self.view;
        let one = &view.release.dimensions.indicators[indicator];
        let Some(answers) = view.release.answers.get(&one.concept) else { return html! {} };
        let mut shown: Vec<_> =
            answers.iter().filter(|answer| !answer.is_missing || answer.is_in_base).collect();
        if shown.is_empty() {
            return html! {};
        }
        shown.dedup_by(|a, b| a.code == b.code);
        html! {
            section {
                h2 { (view.words.say("indicator.answers")) }
                p class="small" { (view.words.say("indicator.answers_how")) @if !one.base.is_empty() { " " (view.words.say("indicator.base")) " " code { (one.base) } } }
                @let table = html! { table {
                    thead { tr { @for column in ["code", "answer", "counts"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } } } }
                    tbody { @for answer in shown { tr {
                        th scope="row" { code { (answer.code) } }
                        td { (view.text(&answer.labels, &answer.code)) }
                        td { (view.words.say(if one.codes.contains(&answer.code) { "answer.in_figure" } else if answer.is_in_base { "answer.in_base" } else { "answer.out_of_base" })) }
                    } } }
                } };
                (scrolled(view.words.say("indicator.answers"), &table))
            }
        }
    }

    /// How often each answer was given, in the last wave of each panel.
    pub(super) fn distribution(self, indicator: usize) -> Markup {
        let view = self.view;
        let concept = &view.release.dimensions.indicators[indicator].concept;
        let from = view.release.shares.partition_point(|one| one.concept < *concept);
        let all: Vec<&Share> =
            view.release.shares[from..].iter().take_while(|one| one.concept == *concept).collect();
        let last =
            |panel: usize| all.iter().filter(|one| one.panel == panel).map(|one| one.wave).max();
        let shown: Vec<&&Share> =
            all.iter().filter(|one| Some(one.wave) == last(one.panel)).collect();
        if shown.is_empty() {
            return html! {};
        }
        let label = |code: &str| {
            let answers = view.release.answers.get(concept);
            let answer =
                answers.and_then(|answers| answers.iter().find(|answer| answer.code == code));
            answer.map_or_else(
                || code.to_owned(),
                |answer| view.text(&answer.labels, code).to_owned(),
            )
        };
        html! {
            section {
                h2 { (view.words.say("indicator.distribution")) }
                @let table = html! { table {
                    thead { tr {
                        @for column in ["panel", "wave", "answer"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } }
                        th scope="col" class="n" { "n" }
                        @for column in ["value", "interval"] { th scope="col" class="n" { (view.words.say(&format!("column.{column}"))) } }
                    } }
                    tbody { @for one in shown { tr {
                        th scope="row" { (view.panel(one.panel)) }
                        td { (view.wave(one.wave)) }
                        td { (label(&one.code)) }
                        td class="n" { @if let Some(n) = one.n { (view.words.count(n)) } }
                        td class="n" { @if let Some(percent) = one.percent { (view.words.figure(percent, 0, "percent")) } @else { (view.status(one.status)) } }
                        td class="n" { @if let (Some(low), Some(high)) = (one.low, one.high) { (view.words.number(low, 0)) "–" (view.words.number(high, 0)) } }
                    } } }
                } };
                (scrolled(view.words.say("indicator.distribution"), &table))
            }
        }
    }
}
