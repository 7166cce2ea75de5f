//! Small whole numbers as runs and packed bits, as the Parquet format describes it ("RLE / Bit-Packing Hybrid").

/// As many numbers are packed together.
const GROUP: usize = 8;

/// Bits that the numbers from 0 up to `greatest` take.
pub fn width(greatest: u32) -> u32 {
    u32::BITS - greatest.leading_zeros()
}

/// Appends `numbers`, none of which takes more than `width` bits.
pub fn encode(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    let mut packed_from = 0;
    let mut place = 0;
    while place < numbers.len() {
        let run = run_length(&numbers[place..]);
        if run >= GROUP {
            pack(&numbers[packed_from..place], width, out);
            append_run(numbers[place], run, width, out);
            place += run;
            packed_from = place;
        } else {
            // Only whole groups may be followed by something.
            place = numbers.len().min(place + GROUP);
        }
    }
    pack(&numbers[packed_from..], width, out);
}

/// How many times the first number stands at the beginning.
fn run_length(numbers: &[u32]) -> usize {
    let first = numbers[0];
    numbers.iter().position(|number| *number != first).unwrap_or(numbers.len())
}

fn append_run(number: u32, length: usize, width: u32, out: &mut Vec<u8>) {
    append_length((length as u64) << 1, out);
    out.extend_from_slice(&number.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// The last group is filled up with zeros.
fn pack(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    append_length((numbers.len().div_ceil(GROUP) as u64) << 1 | 1, out);
    for group in numbers.chunks(GROUP) {
        let (mut bits, mut held) = (0_u64, 0);
        for place in 0..GROUP {
            bits |= u64::from(group.get(place).copied().unwrap_or(0)) << held;
            held += width;
            while held >= 8 {
                out.push(bits as u8);
                bits >>= 8;
                held -= 8;
            }
        }
    }
}

/// Seven bits a byte, the lowest first; all but the last byte are marked.
fn append_length(mut length: u64, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(numbers: &[u32], width: u32) -> Vec<u8> {
        let mut out = Vec::new();
        encode(numbers, width, &mut out);
        out
    }

    #[test]
    fn numbers_are_packed_as_the_format_shows_it() {
        // The example of the format: 0 to 7 in three bits each.
        assert_eq!(
            encoded(&[0, 1, 2, 3, 4, 5, 6, 7], 3),
            [3, 0b1000_1000, 0b1100_0110, 0b1111_1010]
        );
    }

    #[test]
    fn a_number_that_stands_often_is_one_run() {
        assert_eq!(encoded(&[5; 1000], 3), [0xD0, 0x0F, 5]);
        assert_eq!(encoded(&[0; 9], 0), [18]);
    }

    #[test]
    fn a_run_in_a_group_that_is_packed_already_begins_behind_it() {
        let mut numbers = vec![1];
        numbers.extend([0; 20]);
        assert_eq!(encoded(&numbers, 1), [3, 1, 26, 0]);
    }

    #[test]
    fn a_width_is_the_number_of_bits_of_the_greatest_number() {
        assert_eq!([0, 1, 2, 255, 256].map(width), [0, 1, 2, 8, 9]);
    }
}
