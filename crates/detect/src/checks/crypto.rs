//! Addresses of cryptocurrencies.

use aws_lc_rs::digest::{SHA256, digest};

use super::keccak::keccak_256;

/// A Bitcoin address of the main or the test network: Base58Check (P2PKH, P2SH) or a segregated witness program
/// (BIP 173, BIP 350).
pub fn btc(value: &[u8]) -> bool {
    base58check(value).is_some_and(|version| matches!(version, 0x00 | 0x05 | 0x6f | 0xc4))
        || segwit(value, b"bc")
        || segwit(value, b"tb")
}

/// A Litecoin address: Base58Check with version `L`, `M` or the older `3`, or a segregated witness program of `ltc`.
pub fn ltc(value: &[u8]) -> bool {
    base58check(value).is_some_and(|version| matches!(version, 0x30 | 0x32 | 0x05)) || segwit(value, b"ltc")
}

/// A Dogecoin address: Base58Check with version `D` or `A`/`9`.
pub fn doge(value: &[u8]) -> bool {
    base58check(value).is_some_and(|version| matches!(version, 0x1e | 0x16))
}

/// A TRON address: Base58Check with version 0x41, so it starts with `T`.
pub fn tron(value: &[u8]) -> bool {
    base58check(value) == Some(0x41)
}

/// An Ethereum address: `0x` and 40 hexadecimal digits; where letters are in mixed case they carry the checksum of
/// EIP-55, and it holds.
pub fn eth(value: &[u8]) -> bool {
    let Some(address) = value.strip_prefix(b"0x").and_then(|hex| <&[u8; 40]>::try_from(hex).ok()) else {
        return false;
    };
    if !address.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let mixed = address.iter().any(u8::is_ascii_lowercase) && address.iter().any(u8::is_ascii_uppercase);
    !mixed || eip_55(address)
}

/// A letter is in upper case where the hash of the lower-case address has a hexadecimal digit of 8 or more.
fn eip_55(address: &[u8; 40]) -> bool {
    let hash = keccak_256(&address.map(|digit| digit.to_ascii_lowercase()));
    address.iter().enumerate().all(|(i, digit)| {
        let nibble = if i % 2 == 0 { hash[i / 2] >> 4 } else { hash[i / 2] & 0xf };
        !digit.is_ascii_alphabetic() || digit.is_ascii_uppercase() == (nibble >= 8)
    })
}

/// The version byte of a 20-byte hash in Base58Check: version, hash, and the first four bytes of the double SHA-256.
fn base58check(value: &[u8]) -> Option<u8> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if !(25..=36).contains(&value.len()) {
        return None;
    }
    let mut bytes = [0_u8; 25];
    for symbol in value {
        let mut carry = ALPHABET.iter().position(|letter| letter == symbol)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    // Each leading zero byte is written as one `1`, no more and no fewer.
    let ones = value.iter().take_while(|&&symbol| symbol == b'1').count();
    if ones != bytes.iter().take_while(|&&byte| byte == 0).count() {
        return None;
    }
    let (payload, checksum) = bytes.split_at(21);
    let hash = digest(&SHA256, digest(&SHA256, payload).as_ref());
    (hash.as_ref()[..4] == *checksum).then_some(payload[0])
}

/// A witness program: Bech32 for version 0, Bech32m for 1–16; 2 to 40 bytes, 20 or 32 in version 0.
fn segwit(value: &[u8], prefix: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const BECH32: u32 = 1;
    const BECH32M: u32 = 0x2bc8_30a3;
    let mixed = value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let Some((head, rest)) = value.split_at_checked(prefix.len()) else { return false };
    let Some(data) = rest.strip_prefix(b"1") else { return false };
    if mixed || value.len() > 90 || data.len() < 7 || !head.eq_ignore_ascii_case(prefix) {
        return false;
    }
    let high = prefix.iter().map(|letter| u32::from(letter >> 5));
    let low = prefix.iter().map(|letter| u32::from(letter & 31));
    let mut sum = high.chain([0]).chain(low).fold(1, polymod);
    let (mut version, mut last) = (0, 0);
    for (i, symbol) in data.iter().enumerate() {
        let Some(place) = ALPHABET.iter().position(|letter| *letter == symbol.to_ascii_lowercase()) else {
            return false;
        };
        if i == 0 {
            version = place;
        }
        if i == data.len() - 7 {
            last = place;
        }
        sum = polymod(sum, place as u32);
    }
    let bits = (data.len() - 7) * 5;
    let (program, padding) = (bits / 8, bits % 8);
    version <= 16
        && sum == if version == 0 { BECH32 } else { BECH32M }
        && padding < 5
        && last & ((1 << padding) - 1) == 0
        && if version == 0 { matches!(program, 20 | 32) } else { (2..=40).contains(&program) }
}

/// One step of the BCH code over GF(32) of BIP 173.
fn polymod(sum: u32, symbol: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let shifted = (sum & 0x1ff_ffff) << 5 ^ symbol;
    GENERATOR
        .iter()
        .enumerate()
        .fold(shifted, |next, (i, term)| if sum >> (25 + i) & 1 == 1 { next ^ term } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitcoin_addresses_of_the_specifications() {
        assert!(btc(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(btc(b"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"));
        assert!(btc(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(btc(b"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(btc(b"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(btc(b"tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"));
    }

    #[test]
    fn broken_bitcoin_addresses() {
        assert!(!btc(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), "checksum");
        assert!(!btc(b"11A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), "a superfluous 1");
        assert!(!btc(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), "checksum");
        assert!(
            !btc(b"bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"),
            "not in the alphabet"
        );
        assert!(!btc(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh"), "version 0 with Bech32m");
        assert!(!btc(b"bc1") && !btc(b"") && !btc(b"1111111111111111111111111111111111"));
    }

    #[test]
    fn other_currencies_have_their_own_versions() {
        assert!(tron(b"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t") && !tron(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(ltc(b"LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1") && !btc(b"LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"));
        assert!(ltc(b"ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"));
    }

    #[test]
    fn ethereum_addresses_of_eip_55() {
        for address in [
            b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            b"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            b"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            b"0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb",
        ] {
            assert!(eth(address));
        }
        assert!(!eth(b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"));
        assert!(!eth(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") && !eth(b"0x5aAe"));
    }
}
