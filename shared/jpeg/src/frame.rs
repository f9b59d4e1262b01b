//! What a frame holds: its components and how many blocks they have (ITU-T T.81, A.1, A.2 and B.2.2).

use crate::Error;

/// A component of the picture, such as its brightness.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Blocks of the component in an MCU, across and down.
    pub(crate) across: usize,
    pub(crate) down: usize,
    /// Which table of quantisers.
    pub(crate) quantisers: usize,
    /// Blocks that hold something of the picture, which are those of a scan of this component alone.
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// A frame header (B.2.2).
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// In samples of the largest component.
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) progressive: bool,
    pub(crate) components: Vec<Component>,
    /// The most blocks that a component has in an MCU.
    pub(crate) most_across: usize,
    pub(crate) most_down: usize,
    /// MCUs of a scan of all components.
    pub(crate) mcus_across: usize,
    pub(crate) mcus_down: usize,
}

impl Frame {
    /// From the body of a segment SOF0, SOF1 or SOF2.
    pub(crate) fn read(progressive: bool, body: &[u8]) -> Result<Self, Error> {
        let [precision, high, low, wide, narrow, count, components @ ..] = body else {
            return Err(Error::Damaged);
        };
        if *precision != 8 || !matches!(count, 1 | 3 | 4) {
            return Err(Error::Unsupported);
        }
        let height = usize::from(u16::from_be_bytes([*high, *low]));
        let width = usize::from(u16::from_be_bytes([*wide, *narrow]));
        if width == 0 || height == 0 || components.len() != 3 * usize::from(*count) {
            return Err(Error::Damaged);
        }
        let mut components: Vec<Component> = components
            .chunks_exact(3)
            .map(|said| Component {
                id: said[0],
                across: usize::from(said[1] >> 4),
                down: usize::from(said[1] & 15),
                quantisers: usize::from(said[2]),
                columns: 0,
                rows: 0,
            })
            .collect();
        let factors = |factor: usize| (1..=4).contains(&factor);
        if !components.iter().all(|one| factors(one.across) && factors(one.down) && one.quantisers < 4) {
            return Err(Error::Damaged);
        }
        let ids: Vec<u8> = components.iter().map(|one| one.id).collect();
        if (1..ids.len()).any(|place| ids[..place].contains(&ids[place])) {
            return Err(Error::Damaged);
        }
        // A single component is never interleaved, whatever it says of its blocks (A.2.2).
        if let [one] = &mut components[..] {
            (one.across, one.down) = (1, 1);
        }
        let most = |side: fn(&Component) -> usize| components.iter().map(side).max().unwrap_or(1);
        let (most_across, most_down) = (most(|one| one.across), most(|one| one.down));
        for one in &mut components {
            one.columns = (width * one.across).div_ceil(8 * most_across);
            one.rows = (height * one.down).div_ceil(8 * most_down);
        }
        Ok(Self {
            width,
            height,
            progressive,
            components,
            most_across,
            most_down,
            mcus_across: width.div_ceil(8 * most_across),
            mcus_down: height.div_ceil(8 * most_down),
        })
    }

    /// Blocks of a component, with those that only fill up the last MCUs.
    pub(crate) fn stored(&self, one: &Component) -> (usize, usize) {
        (self.mcus_across * one.across, self.mcus_down * one.down)
    }

    /// Blocks of all components that hold something of the picture.
    pub(crate) fn blocks(&self) -> u64 {
        self.components.iter().map(|one| one.columns as u64 * one.rows as u64).sum()
    }

    /// The side of a component's block where one of the largest component has `size`: up to twice as long a step as long as
    /// the component is coarser in both directions, so that it need not be made larger afterwards.
    pub(crate) fn block(&self, one: &Component, size: usize) -> usize {
        let mut side = size;
        while side < 8
            && (self.most_across * size).is_multiple_of(one.across * side * 2)
            && (self.most_down * size).is_multiple_of(one.down * side * 2)
        {
            side *= 2;
        }
        side
    }
}
