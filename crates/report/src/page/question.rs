//! How an indicator was asked, its answers, and how often each was given.

use std::collections::{BTreeMap, BTreeSet};

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

    /// How often each answer was given: a row a panel and wave, a column an answer.
    pub(super) fn distribution(self, indicator: usize) -> Markup {
        let view = self.view;
        let one = &view.release.dimensions.indicators[indicator];
        let asked: BTreeSet<(usize, usize)> = view
            .release
            .of_indicator(indicator)
            .iter()
            .map(|estimate| (estimate.key.panel, estimate.key.wave))
            .collect();
        let from = view.release.shares.partition_point(|share| share.concept < one.concept);
        let own = view.release.shares[from..].iter();
        let own = own.take_while(|share| share.concept == one.concept);
        let mut rows: BTreeMap<(usize, usize), BTreeMap<&str, &Share>> = BTreeMap::new();
        for share in own.filter(|share| asked.contains(&(share.panel, share.wave))) {
            rows.entry((share.panel, share.wave)).or_default().insert(&share.code, share);
        }
        rows.retain(|_, shares| !shares.values().all(|share| self.was_not_asked(share)));
        if rows.is_empty() {
            return html! {};
        }
        let answers = view.release.answers.get(&one.concept).into_iter().flatten();
        let is_given = |code: &str| rows.values().any(|shares| shares.contains_key(code));
        let mut columns: Vec<(&str, &str)> = answers
            .filter(|answer| is_given(&answer.code))
            .map(|answer| (answer.code.as_str(), view.text(&answer.labels, &answer.code)))
            .collect();
        columns.dedup_by(|a, b| a.0 == b.0);
        let number = |value| view.words.number(value, one.decimals);
        html! {
            section {
                h2 { (view.words.say("indicator.distribution")) }
                @let table = html! { table {
                    thead { tr {
                        @for column in ["panel", "wave"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } }
                        @for (_, label) in &columns { th scope="col" class="n" { (label) } }
                        th scope="col" class="n" { "n" }
                    } }
                    tbody { @for ((panel, wave), shares) in &rows { tr {
                        th scope="row" { (view.panel(*panel)) }
                        td { (view.wave(*wave)) }
                        @for (code, _) in &columns { td class="n" { @if let Some(share) = shares.get(code) {
                            @if let Some(percent) = share.percent {
                                strong { (view.words.figure(percent, one.decimals, "percent")) }
                                @if let (Some(low), Some(high)) = (share.low, share.high) { " " span class="quiet" { "(" (number(low)) "–" (number(high)) ")" } }
                            } @else { span class="quiet" { (view.status(share.status)) } }
                        } } }
                        td class="n" { @if let Some(n) = shares.values().find_map(|share| share.n) { (view.words.count(n)) } }
                    } } }
                } };
                (scrolled(view.words.say("indicator.distribution"), &table))
            }
        }
    }

    fn was_not_asked(self, share: &Share) -> bool {
        self.view.release.dimensions.statuses[share.status].status == "not_asked"
    }
}
