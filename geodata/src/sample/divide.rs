//! Shares cells out: parts grow from seeds of their own, always the one furthest behind its quota,
//! so that every part hangs together and has about its due.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::cells::Cell;
use super::land::{Spot, distance};

/// How often the seeds move to the middle of their parts.
const ROUNDS: usize = 4;

/// Links parts of the land that no border joins, so that all cells can be reached.
pub fn link(cells: &mut [Cell]) {
    loop {
        let all: Vec<usize> = (0..cells.len()).collect();
        let Some(&first) = all.first() else { return };
        let hops = hops(cells, &all, &[first]);
        let (here, there): (Vec<usize>, Vec<usize>) =
            all.into_iter().partition(|at| hops[*at].is_some());
        let pairs = there
            .iter()
            .flat_map(|a| here.iter().map(move |b| (*a, *b)));
        let apart = |&(a, b): &(usize, usize)| distance(cells[a].middle, cells[b].middle);
        let Some((a, b)) = pairs.min_by(|x, y| apart(x).total_cmp(&apart(y))) else {
            return;
        };
        cells[a].near.push(b);
        cells[b].near.push(a);
    }
}

/// Shares out `members` by quota; the first quota is the part nearest to `middle`, the last the
/// furthest. Gives the members of each part; every part has at least one while members last.
pub fn share(cells: &[Cell], members: &[usize], middle: Spot, quotas: &[usize]) -> Vec<Vec<usize>> {
    let mut seeds = spread(cells, members, middle, quotas.len());
    seeds.sort_by(|a, b| {
        distance(cells[*a].middle, middle).total_cmp(&distance(cells[*b].middle, middle))
    });
    let mut parts = grow(cells, members, &seeds, quotas);
    for _ in 0..ROUNDS {
        seeds = parts.iter().map(|part| centre(cells, part)).collect();
        parts = grow(cells, members, &seeds, quotas);
    }
    parts
}

/// Steps from the nearest start to each member; `None` for cells that are no member or cut off.
fn hops(cells: &[Cell], members: &[usize], starts: &[usize]) -> Vec<Option<u32>> {
    let mut open = vec![false; cells.len()];
    for at in members {
        open[*at] = true;
    }
    let mut hops = vec![None; cells.len()];
    let mut queue: VecDeque<usize> = starts.iter().copied().collect();
    for at in starts {
        hops[*at] = Some(0);
    }
    while let Some(at) = queue.pop_front() {
        for &near in &cells[at].near {
            if open[near] && hops[near].is_none() {
                hops[near] = hops[at].map(|count| count + 1);
                queue.push_back(near);
            }
        }
    }
    hops
}

/// Members far from each other: the first nearest to the middle, then always the furthest left.
fn spread(cells: &[Cell], members: &[usize], middle: Spot, count: usize) -> Vec<usize> {
    let from_middle = |at: &usize| distance(cells[*at].middle, middle);
    let first = members
        .iter()
        .copied()
        .min_by(|a, b| from_middle(a).total_cmp(&from_middle(b)));
    let mut seeds: Vec<usize> = first.into_iter().collect();
    while seeds.len() < count.min(members.len()) {
        let hops = hops(cells, members, &seeds);
        let apart = |at: &usize| {
            let nearest = seeds
                .iter()
                .map(|seed| distance(cells[*at].middle, cells[*seed].middle));
            (
                hops[*at].unwrap_or(u32::MAX),
                nearest.fold(f64::INFINITY, f64::min),
            )
        };
        let free = members.iter().copied().filter(|at| !seeds.contains(at));
        let keyed = free.map(|at| (apart(&at), at));
        let far = keyed.max_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        seeds.extend(far.map(|(_, at)| at));
    }
    seeds
}

/// The member nearest to the mean.
pub fn centre(cells: &[Cell], part: &[usize]) -> usize {
    let count = part.len() as f64;
    let mean =
        [0, 1].map(|axis| part.iter().map(|at| cells[*at].middle[axis]).sum::<f64>() / count);
    let away = |at: &usize| distance(cells[*at].middle, mean);
    part.iter()
        .copied()
        .min_by(|a, b| away(a).total_cmp(&away(b)))
        .unwrap_or(0)
}

fn grow(cells: &[Cell], members: &[usize], seeds: &[usize], quotas: &[usize]) -> Vec<Vec<usize>> {
    let mut free = vec![false; cells.len()];
    for at in members {
        free[*at] = true;
    }
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); seeds.len()];
    // Metres are far above one, so their bits order like the numbers.
    let away = |seed: usize, at: usize| distance(cells[seed].middle, cells[at].middle).to_bits();
    let mut edges: Vec<BinaryHeap<Reverse<(u64, usize)>>> = vec![BinaryHeap::new(); seeds.len()];
    let mut take =
        |part: usize, at: usize, edges: &mut Vec<BinaryHeap<_>>, free: &mut Vec<bool>| {
            free[at] = false;
            parts[part].push(at);
            for &near in cells[at].near.iter().filter(|near| free[**near]) {
                edges[part].push(Reverse((away(seeds[part], near), near)));
            }
            parts[part].len()
        };
    let mut sizes: Vec<usize> = seeds
        .iter()
        .enumerate()
        .map(|(part, seed)| take(part, *seed, &mut edges, &mut free))
        .collect();
    loop {
        for edge in &mut edges {
            while edge.peek().is_some_and(|Reverse((_, at))| !free[*at]) {
                edge.pop();
            }
        }
        let behind = |part: &usize| sizes[*part] as f64 / quotas[*part].max(1) as f64;
        let growing = (0..seeds.len()).filter(|part| !edges[*part].is_empty());
        let Some(part) = growing.min_by(|a, b| behind(a).total_cmp(&behind(b))) else {
            break;
        };
        if let Some(Reverse((_, at))) = edges[part].pop() {
            sizes[part] = take(part, at, &mut edges, &mut free);
        }
    }
    parts
}
