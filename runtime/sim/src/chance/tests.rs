use super::*;

/// The first outputs of the reference implementation's demonstration (`pcg64`, 42, 54).
#[test]
fn the_stream_is_that_of_the_reference() {
    let mut pcg = Pcg::new(42, 54);
    let first = std::array::from_fn(|_| pcg.roll());
    let reference = [
        0x86b1_da1d_7206_2b68,
        0x1304_aa46_c985_3d39,
        0xa367_0e9e_0dd5_0358,
        0xf909_0e52_9a7d_ae00,
        0xc85b_9fd8_3799_6f2c,
        0x6061_21f8_e391_9196,
    ];
    assert_eq!(first, reference);
}

#[test]
fn places_of_the_tree_are_not_alike() {
    let root = Seed::new(7);
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..1_000 {
        for name in ["patience", "talk", "talk "] {
            assert!(seen.insert(root.branch(name).leaf(number).pcg().roll()));
        }
    }
    let again = Seed::new(7).branch("talk").leaf(3).pcg().roll();
    assert_eq!(root.branch("talk").leaf(3).pcg().roll(), again);
    assert_ne!(Seed::new(8).branch("talk").leaf(3).pcg().roll(), again);
}

#[test]
fn shares_are_even() {
    // The mean of 100,000 has a standard error of 0.0009.
    let mut sum = 0.0;
    for number in 0..100_000 {
        let share = Seed::new(1).leaf(number).pcg().share();
        assert!(0.0 < share && share <= 1.0);
        sum += share;
    }
    assert!((sum / 100_000.0 - 0.5).abs() < 0.004, "{sum}");
}
