//! Whether a vertex lies in a shape, fast for many questions: the edges are filed by bands of
//! latitude. The south-west side of an edge belongs to it, so that neighbours never share a vertex.

use super::{Extent, Ring, Vertex, edges, turn};

/// The edges of one shape, filed for questions.
#[derive(Debug, Clone)]
pub struct Inside {
    /// Around all edges.
    pub extent: Extent,
    height: i64,
    /// Per band the edges that reach into it, each with its lower end first.
    bands: Vec<Vec<(Vertex, Vertex)>>,
}

impl Inside {
    /// Files the rings of a shape, holes and all.
    pub fn new<'a>(rings: impl IntoIterator<Item = &'a Ring> + Clone) -> Self {
        let extent = Extent::of(rings.clone().into_iter().flatten());
        let count = rings.clone().into_iter().map(Vec::len).sum::<usize>();
        let bands = (count / 4).clamp(1, 2048);
        let height =
            (i64::from(extent.max[1]) - i64::from(extent.min[1])).max(0) / bands as i64 + 1;
        let mut inside = Self {
            extent,
            height,
            bands: vec![Vec::new(); bands],
        };
        for (a, b) in rings.into_iter().flat_map(|ring| edges(ring)) {
            let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
            let (from, to) = (inside.band(low[1]), inside.band(high[1]));
            inside.bands[from..=to]
                .iter_mut()
                .for_each(|band| band.push((low, high)));
        }
        inside
    }

    /// Whether the vertex lies inside.
    pub fn contains(&self, v: Vertex) -> bool {
        let Extent { min, max } = self.extent;
        if v[0] < min[0] || v[0] > max[0] || v[1] < min[1] || v[1] > max[1] {
            return false;
        }
        let left = |&&(low, high): &&(Vertex, Vertex)| {
            low[1] <= v[1] && v[1] < high[1] && turn(low, high, v) <= 0
        };
        self.bands[self.band(v[1])].iter().filter(left).count() % 2 == 1
    }

    /// The edges that may reach into these latitudes; some come twice.
    pub fn edges_near(&self, south: i32, north: i32) -> impl Iterator<Item = (Vertex, Vertex)> {
        let (from, to) = (self.band(south), self.band(north));
        let within = move |&(low, high): &(Vertex, Vertex)| high[1] >= south && low[1] <= north;
        self.bands[from..=to]
            .iter()
            .flatten()
            .copied()
            .filter(within)
    }

    fn band(&self, lat: i32) -> usize {
        let band = (i64::from(lat) - i64::from(self.extent.min[1])) / self.height;
        band.clamp(0, self.bands.len() as i64 - 1) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_open_and_with_holes() {
        let rings = [
            vec![[0, 0], [10, 0], [10, 10], [0, 10]],
            vec![[4, 4], [4, 6], [6, 6], [6, 4]],
        ];
        let inside = Inside::new(&rings);
        assert!(inside.contains([2, 2]) && inside.contains([0, 0]));
        assert!(
            !inside.contains([5, 5]) && !inside.contains([10, 10]) && !inside.contains([11, 5])
        );
        assert!(inside.contains([6, 4]) && !inside.contains([4, 4]));
        assert!(!Inside::new(&Vec::<Ring>::new()).contains([0, 0]));
    }
}
