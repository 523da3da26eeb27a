use super::super::tests::{Uniform, near, printed};
use super::*;

#[test]
fn published_examples() {
    let scheduled = |agents: f64, share: f64| Shrinkage::new(share).unwrap().scheduled(agents);
    printed(scheduled(100.0, 0.40), "166.7");
    assert_eq!(Shrinkage::new(0.40).unwrap().scheduled_heads(100.0), 167.0);
    printed(scheduled(9.0, 0.291), "12.69");
    printed(100.0 * Shrinkage::of_hours(20.0, 160.0).unwrap().share(), "12.5");
    // What 14, 15 and 17 present agents cost at 30 %.
    let third = Shrinkage::new(0.30).unwrap();
    assert_eq!([14.0, 15.0, 17.0].map(|agents| third.scheduled_heads(agents)), [20.0, 22.0, 25.0]);
}

#[test]
fn trap_139_for_100_divides_the_wrong_way() {
    // A web article schedules 139 for 100 at 30 %; of 139 only 97 would come.
    let third = Shrinkage::new(0.30).unwrap();
    printed(third.scheduled(100.0), "142.9");
    assert_eq!(third.scheduled_heads(100.0), 143.0);
    assert_eq!(third.present_heads(139.0), 97.0);
    assert_eq!(third.present_heads(143.0), 100.0);
}

#[test]
fn trap_the_floor_of_almost_one() {
    assert_eq!(((1.0_f64 - 0.9) * 10.0).floor(), 0.0, "the trap is there");
    assert_eq!(Shrinkage::new(0.9).unwrap().present_heads(10.0), 1.0);
    // 0.7 · 30 / 0.7 is 30.000000000000004 in some orders: still 30 heads.
    assert_eq!(whole_up(30.000_000_000_000_004), 30.0);
    assert_eq!(whole_up(30.000_001), 31.0);
    assert_eq!(whole_down(29.999_999_999_999_996), 30.0);
    assert_eq!(whole_down(29.999_999), 29.0);
    assert_eq!(whole_up(0.0), 0.0);
}

#[test]
fn whole_heads_agree_with_whole_numbers() {
    // The same in integers: present = scheduled·(100 - s) / 100, scheduled = ⌈100·n / (100 - s)⌉.
    for percent in 0..100_u32 {
        let shrinkage = Shrinkage::new(f64::from(percent) / 100.0).unwrap();
        for agents in 0..=300_u32 {
            let present = agents * (100 - percent) / 100;
            let scheduled = (100 * agents).div_ceil(100 - percent);
            assert_eq!(shrinkage.present_heads(f64::from(agents)), f64::from(present));
            assert_eq!(shrinkage.scheduled_heads(f64::from(agents)), f64::from(scheduled));
        }
    }
}

#[test]
fn disjoint_parts_add_and_sequential_parts_multiply() {
    let parts = [0.10, 0.05, 0.15];
    near(Shrinkage::of_disjoint(&parts).unwrap().share(), 0.30, 1e-14);
    near(Shrinkage::of_sequential(&parts).unwrap().share(), 1.0 - 0.9 * 0.95 * 0.85, 1e-14);
    let mut uniform = Uniform(2);
    for _ in 0..200 {
        let parts = [uniform.next() / 3.0, uniform.next() / 3.0, uniform.next() / 3.0];
        let added = Shrinkage::of_disjoint(&parts).unwrap().share();
        let multiplied = Shrinkage::of_sequential(&parts).unwrap().share();
        assert!(multiplied <= added);
    }
    assert_eq!(Shrinkage::of_disjoint(&[]).unwrap(), Shrinkage::NONE);
}

#[test]
fn nobody_there_is_refused() {
    for share in [1.0, 1.2, -0.1, f64::NAN] {
        let said = Shrinkage::new(share).unwrap_err().to_string();
        assert!(said.starts_with("shrinkage must be at least 0% and less than 100%"), "{said}");
    }
    assert!(Shrinkage::of_disjoint(&[0.5, 0.5]).is_err());
    assert!(Shrinkage::of_disjoint(&[1.5, -1.0]).is_err());
    assert!(Shrinkage::of_hours(1.0, 0.0).is_err());
}
