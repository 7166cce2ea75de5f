//! Cluster names that occur in two waves: whether they mean the same cluster is for the settings to say.

use std::collections::BTreeSet;

use survey::{Code, Warning, Wave};

use crate::sample::{Refusal, Sample};

/// Clusters of two waves that bear the same name.
pub(super) struct SharedNames {
    pub panel: String,
    pub wave: Wave,
    earlier: Wave,
    clusters: usize,
    respondents: usize,
    persist: Option<bool>,
}

impl SharedNames {
    /// None where the settings say what the respondents show.
    pub fn warning(&self) -> Option<Warning> {
        let Self { panel, wave, earlier, clusters, respondents, persist } = self;
        let (code, message, hint) = match (persist, respondents) {
            (None, _) => (
                Code::ClustersShareNames,
                format!(
                    "{panel} {wave}: {clusters} clusters bear names of clusters of {earlier} and count as others"
                ),
                format!(
                    "say in config/panels/{panel}.toml whether a name means the same cluster in every wave: \
                         design.clusters_persist = true or false"
                ),
            ),
            (Some(true), 0) => (
                Code::ClustersWithoutRespondents,
                format!(
                    "{panel} {wave}: {clusters} clusters are those of {earlier} (design.clusters_persist = true), \
                         but no respondent is in both waves"
                ),
                "do the names only repeat? then set it to false".to_owned(),
            ),
            _ => return None,
        };
        Some(Warning {
            code,
            panel: Some(panel.clone()),
            wave: Some(*wave),
            message,
            hint: Some(hint),
        })
    }
}

/// Cluster names that two waves of a panel share, and how many respondents they share.
pub(super) fn shared_names(
    first: &Sample<'_>,
    second: &Sample<'_>,
) -> Result<Vec<SharedNames>, Refusal> {
    let mut found = Vec::new();
    let sides = [first.unit_names()?, second.unit_names()?];
    for (later, names) in second.parts.iter().zip(&sides[1]) {
        let before = first.parts.iter().zip(&sides[0]).find(|of| of.0.panel == later.panel);
        let Some((earlier, before)) = before else { continue };
        if !(earlier.has_clusters() && later.has_clusters()) {
            continue;
        }
        let known: BTreeSet<&str> = before.iter().flatten().copied().collect();
        let shared: BTreeSet<&str> =
            names.iter().flatten().copied().filter(|name| known.contains(name)).collect();
        if shared.is_empty() {
            continue;
        }
        let people: BTreeSet<(u32, &str)> =
            first.identities(None)?.into_iter().map(|(panel, name, _)| (panel, name)).collect();
        let returning = second.identities(None)?.into_iter().filter(|(panel, name, _)| {
            *panel == later.panel as u32 && people.contains(&(*panel, *name))
        });
        found.push(SharedNames {
            panel: later.settings.panel.clone(),
            wave: second.wave,
            earlier: first.wave,
            clusters: shared.len(),
            respondents: returning.count(),
            persist: later.settings.design.clusters_persist,
        });
    }
    Ok(found)
}
