//! Samples of the population by three designs, the weights and strata that belong to them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use survey::design::{Design, LonelyPsu, Stage};

use crate::population::{CLUSTER, PEOPLE, Population, REGIONS, uniform};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// n of all people without replacement.
    Simple,
    /// n / 5 people of each region, which differ in size.
    Stratified,
    /// n / 10 clusters, 10 people in each.
    Clustered,
}

/// People of a cluster that are drawn.
const TAKEN: usize = 10;
/// Share of the clusters in each region.
const REGION_SHARES: [f64; REGIONS] = [0.4, 0.25, 0.2, 0.1, 0.05];

pub struct Sample {
    pub people: Vec<usize>,
    pub design: Design,
}

/// Sample `index`; its random numbers depend on nothing else.
pub fn draw(
    population: &Population,
    sampling: Sampling,
    size: usize,
    seed: u64,
    index: u64,
) -> Sample {
    assert_eq!(population.sex.len(), PEOPLE);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(1 + index + 1_000_000 * (size as u64 * 3 + sampling as u64));
    match sampling {
        Sampling::Simple => {
            let people = without_replacement(PEOPLE, size, &mut random);
            let weights = vec![PEOPLE as f64 / size as f64; size];
            let population = Some(vec![PEOPLE as f64; size]);
            let design = Design::stratified(weights, vec![0; size], population, LonelyPsu::Fail);
            Sample { people, design }
        }
        Sampling::Stratified => stratified(size, &mut random),
        Sampling::Clustered => clustered(size, &mut random),
    }
}

fn stratified(size: usize, random: &mut ChaCha8Rng) -> Sample {
    let taken = size / REGIONS;
    let (mut people, mut weights, mut strata, mut sizes) = (vec![], vec![], vec![], vec![]);
    let mut first = 0;
    for (region, share) in REGION_SHARES.iter().enumerate() {
        let count = (share * PEOPLE as f64).round() as usize;
        people
            .extend(without_replacement(count, taken, random).iter().map(|person| first + person));
        weights.extend(std::iter::repeat_n(count as f64 / taken as f64, taken));
        strata.extend(std::iter::repeat_n(region as u32, taken));
        sizes.extend(std::iter::repeat_n(count as f64, taken));
        first += count;
    }
    let design = Design::stratified(weights, strata, Some(sizes), LonelyPsu::Fail);
    Sample { people, design }
}

fn clustered(size: usize, random: &mut ChaCha8Rng) -> Sample {
    let (mut people, mut units) = (vec![], vec![]);
    for cluster in without_replacement(PEOPLE / CLUSTER, size / TAKEN, random) {
        let members = without_replacement(CLUSTER, TAKEN, random);
        people.extend(members.iter().map(|member| cluster * CLUSTER + member));
        units.extend(std::iter::repeat_n(cluster as u32, TAKEN));
    }
    // Clusters as if drawn with replacement: the usual, slightly cautious practice.
    let stage = Stage { strata: vec![0; people.len()], units, population: None };
    let weights = vec![PEOPLE as f64 / size as f64; people.len()];
    let design = Design { stages: vec![stage], ..Design::of_elements(weights) };
    Sample { people, design }
}

/// `size` different numbers below `of`, in the order in which they were drawn.
pub fn without_replacement(of: usize, size: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut is_drawn = vec![false; of];
    let mut drawn = Vec::with_capacity(size);
    while drawn.len() < size {
        let place = (uniform(random) * of as f64) as usize;
        if !std::mem::replace(&mut is_drawn[place], true) {
            drawn.push(place);
        }
    }
    drawn
}
