//! Which part of the map a screen asks positions of: what it shows and half as much around it, so
//! that a small move asks for nothing, and units glide in from outside.

/// West, south, east, north in degrees.
pub type View = (f64, f64, f64, f64);

/// Over this many times what shows, more was asked than is needed.
const FAR_TOO_WIDE: f64 = 6.0;

/// What is to be asked for now; nothing when what was asked `before` still serves.
pub fn asked(before: Option<View>, shown: View) -> Option<View> {
    let (west, south, east, north) = shown;
    let (wide, high) = (east - west, north - south);
    // A map without a size shows nothing yet; one turned about the globe is no county's.
    if !(wide > 0.0 && high > 0.0) {
        return None;
    }
    let serves = before.is_some_and(|(w, s, e, n)| {
        w <= west && s <= south && e >= east && n >= north && e - w <= wide * FAR_TOO_WIDE
    });
    (!serves).then(|| {
        (
            (west - wide / 2.0).max(-180.0),
            (south - high / 2.0).max(-90.0),
            (east + wide / 2.0).min(180.0),
            (north + high / 2.0).min(90.0),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_anew_only_when_what_shows_leaves_it_or_shrinks() {
        let first = asked(None, (118.0, 28.0, 119.0, 29.0)).expect("asked");
        assert_eq!(first, (117.5, 27.5, 119.5, 29.5));
        assert_eq!(asked(Some(first), (118.4, 27.6, 119.4, 28.6)), None, "near");
        let moved = asked(Some(first), (118.6, 28.0, 119.6, 29.0));
        assert_eq!(moved, Some((118.1, 27.5, 120.1, 29.5)));
        assert_eq!(
            asked(Some(first), (118.0, 28.0, 118.5, 28.5)),
            None,
            "closer"
        );
        assert!(asked(Some(first), (118.0, 28.0, 118.1, 28.1)).is_some());
    }

    #[test]
    fn it_stays_on_the_globe_and_is_never_of_a_map_without_a_size() {
        let all = asked(None, (-170.0, -80.0, 170.0, 80.0));
        assert_eq!(all, Some((-180.0, -90.0, 180.0, 90.0)));
        assert_eq!(asked(None, (118.0, 28.0, 118.0, 28.0)), None);
        assert_eq!(asked(None, (f64::NAN, 28.0, 119.0, 29.0)), None);
    }
}
