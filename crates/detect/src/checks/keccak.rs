//! Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding byte from before its standardisation, which
//! is why a SHA3-256 can't stand in for it.

const RATE: usize = 136;

/// Rotation of each lane and the lane it moves to, along the one cycle of rho and pi (FIPS 202 §3.2.2–3.2.3).
const ROTATIONS: [u32; 24] =
    [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
const LANES: [usize; 24] =
    [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

/// The digest of a message shorter than one block (136 bytes): an address has 40.
pub(super) fn keccak_256(message: &[u8]) -> [u8; 32] {
    assert!(message.len() < RATE, "one block");
    let mut block = [0; RATE];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] ^= 0x01;
    block[RATE - 1] ^= 0x80;
    let mut state = [0; 25];
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    permute(&mut state);
    let mut digest = [0; 32];
    for (bytes, lane) in digest.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *bytes = lane.to_le_bytes();
    }
    digest
}

/// Keccak-f[1600].
fn permute(state: &mut [u64; 25]) {
    let mut register = 1;
    for _ in 0..24 {
        let column: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
        for (i, lane) in state.iter_mut().enumerate() {
            *lane ^= column[(i + 4) % 5] ^ column[(i + 1) % 5].rotate_left(1);
        }
        let mut moved = state[1];
        for (rotation, lane) in ROTATIONS.into_iter().zip(LANES) {
            moved = std::mem::replace(&mut state[lane], moved.rotate_left(rotation));
        }
        for row in state.as_chunks_mut::<5>().0 {
            let before = *row;
            for (x, lane) in row.iter_mut().enumerate() {
                *lane ^= !before[(x + 1) % 5] & before[(x + 2) % 5];
            }
        }
        state[0] ^= round_constant(&mut register);
    }
}

/// Seven bits of the register x⁸ + x⁶ + x⁵ + x⁴ + 1, at the positions 2ʲ − 1 (FIPS 202 §3.2.5).
fn round_constant(register: &mut u8) -> u64 {
    (0..7).fold(0, |constant, j| {
        let bit = u64::from(*register & 1) << ((1 << j) - 1);
        *register = (*register << 1) ^ (if *register & 0x80 == 0 { 0 } else { 0x71 });
        constant | bit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_message_has_its_known_digest() {
        let digest = keccak_256(b"");
        assert_eq!(digest[..8], [0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c]);
        assert_eq!(digest[24..], [0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70]);
    }
}
