//! Merkle trees as RFC 6962, section 2.1, has them: SHA-256, a zero byte before a leaf, a one before a node.
//!
//! The whole of it is the function below; libraries keep the leaves, and only their hashes are left of a sealed entry. The
//! tests hold it against one.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A SHA-256 hash, written as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

/// A text that is not a hash.
#[derive(Debug, thiserror::Error)]
#[error("not a hash")]
pub struct NotAHash;

impl Hash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// The hash of a leaf with this content.
    #[must_use]
    pub fn of_leaf(leaf: &[u8]) -> Self {
        Self::of_parts(&[&[0], leaf])
    }

    /// The root of a tree with these leaf hashes, in their order.
    #[must_use]
    pub fn of_tree(leaves: &[Self]) -> Self {
        match leaves {
            [] => Self::of(&[]),
            [leaf] => *leaf,
            _ => {
                // The left side is the largest full tree that leaves something for the right.
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                Self::of_parts(&[&[1], &Self::of_tree(left).0, &Self::of_tree(right).0])
            }
        }
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }
}

impl TryFrom<String> for Hash {
    type Error = NotAHash;
    fn try_from(text: String) -> Result<Self, NotAHash> {
        Self::parse(&text).ok_or(NotAHash)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        HEXLOWER.encode(&hash.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    /// The leaves and roots that the tests of Certificate Transparency's own implementations share.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| Hash::of_leaf(&hex(leaf))).collect();
        for (size, root) in roots.iter().enumerate() {
            assert_eq!(Hash::of_tree(&hashes[..size]).to_string(), *root, "{size} leaves");
        }
    }

    #[test]
    fn a_hash_is_read_in_its_only_form() {
        let hash = Hash::of(b"");
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash::parse(&hash.to_string().to_uppercase()), None);
        assert_eq!(Hash::parse(&hash.to_string()[2..]), None);
    }

    proptest! {
        #[test]
        fn roots_are_those_of_another_implementation(leaves: Vec<Vec<u8>>) {
            let mut tree = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
            for leaf in &leaves {
                tree.push(leaf.clone());
            }
            let hashes: Vec<Hash> = leaves.iter().map(|leaf| Hash::of_leaf(leaf)).collect();
            let (ours, theirs) = (Hash::of_tree(&hashes), tree.root());
            prop_assert_eq!(ours.0.as_slice(), theirs.as_bytes().as_slice());
        }
    }
}
