//! Writes JPEGs bit by bit, for tests: in several scans, broken or hostile, as no encoder at hand does.

/// Bits as JPEG has them: the first is the highest of a byte, and 0xFF is followed by a zero.
#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` bits of a value.
    pub(crate) fn put(&mut self, value: u64, count: u32) {
        self.held = self.held << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
        self.held &= (1 << self.count) - 1;
    }

    /// What was written, with ones where the last byte was not full.
    pub(crate) fn done(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.put(1, 1);
        }
        self.bytes
    }
}

/// A marker and its segment (ITU-T T.81, B.1.1.4).
pub(crate) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}
