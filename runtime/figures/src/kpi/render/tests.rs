use expect_test::expect;

use super::*;
use crate::import::{EndedMs, read_csv};
use crate::kpi::{Grouping, Parameters, Report};

fn golden(by: &str) -> Report {
    let text = include_str!("../../samples/golden.csv");
    let imported = read_csv(text.as_bytes(), EndedMs::Wait).unwrap();
    let parameters = Parameters {
        within_us: Some(20_000_000),
        short_abandon_us: Some(5_000_000),
        by: Grouping::list(by).unwrap(),
        ..Parameters::default()
    };
    let mut report = Report::of(&imported.records, &parameters);
    report.notes.push("a note".to_owned());
    report
}

#[test]
fn a_table_has_the_formula_beside_the_figure() {
    expect![[r#"
        T 20 s, s 5 s, W 7 days, by entering the queue

        Offered                                         12       queue entries, by the flow or from another queue
        Answered                                        5        A: an agent answered
        Answered in target                              3        A≤T: answered with a wait of at most T, inclusive [T = 20 s]
        Abandoned                                       5        B: the customer left while waiting or ringing, the short ones included
        Abandoned within T                              4        B≤T: abandoned with a wait of at most T, inclusive [T = 20 s]
        Short abandoned                                 2        B_s: abandoned with a wait of at most s, inclusive [s = 5 s]
        Callbacks requested                             1        CB: the customer left the queue to be called back
        Flow-out                                        1        F: left for another queue, by a key or by the flow
        Timed out                                       0        the longest wait was reached
        Full                                            0        the queue was full
        Closed                                          0        the queue was closed
        Empty on joining                                0        nobody served the queue when the contact came
        Left empty                                      0        nobody served the queue any more while the contact waited
        Waiting                                         0        queue entries that still wait
        ASA                                             25.6 s   Σ wait of answered / A [waits since joining the first queue]
        Mean wait, all                                  24.5 s   Σ wait in the queue / queue entries that do not wait any more
        Average abandon time                            18.2 s   Σ wait of abandoned / B [waits since joining the first queue]
        Longest wait                                    75.0 s   max wait, those who still wait included [waits since joining the first queue]
        Abandon rate                                    50.00 %  B/(A+B)
        Abandon rate of offered                         41.67 %  B/offered
        Abandon rate without short                      37.50 %  (B−B_s)/(A+B−B_s) [s = 5 s]
        LCR, lost call rate                             41.67 %  B/queue entries
        Answered rate                                   50.00 %  A/(A+B+full+left empty+empty on joining+timed out); closed is in neither
        Service level SL1                               70.00 %  (A≤T + B≤T)/(A+B) [T = 20 s]
        Service level SL2                               60.00 %  A≤T / A [T = 20 s]
        Service level SL3                               30.00 %  A≤T /(A+B) [T = 20 s]
        Service level SL4                               50.00 %  A≤T /(A+B−B≤T) [T = 20 s]
        Service level SL5                               50.00 %  (A≤T + B_s)/(A+B) [T = 20 s, s = 5 s]
        Service level SL6                               37.50 %  A≤T /(A+B−B_s) [T = 20 s, s = 5 s]
        Handled                                         5        conversations that have ended; equals A once the last one has
        AHT                                             194.0 s  Σ(talk + hold + after-call work)/A, of conversations that have ended
        ATT                                             154.0 s  Σ talk without hold / A, of conversations that have ended
        Average hold                                    16.0 s   Σ hold / A, of conversations that have ended
        Average after-call work                         24.0 s   Σ after-call work / conversations whose after-call work is known
        Transfers                                       0        conversations that ended in a transfer
        Transfer rate                                   0.00 %   contacts transferred / answered, of conversations that have ended
        Contacts                                        12       contacts that arrived
        Lost contacts                                   5        lost with an IVR + in a queue + while ringing + refused
        CAR, call abandonment rate                      41.67 %  all lost (IVR + queue + ringing + refused)/contacts
        Missed                                          58.33 %  not answered by a human / offered to humans; who waits is in neither
        FCR not yet known                               0        eligible contacts whose window W has not passed; in neither term of FCR [W = 7 days]
        Containment not yet known                       0        contacts that entered a bot or an IVR and whose window W has not passed; in neither term [W = 7 days]
        Offers                                          0        offers to agents that have ended
        Offers answered                                 0        offers that the agent answered
        Amazon Connect: service level                   66.67 %  (A≤T + B≤T + CB≤T)/contacts queued [T = 20 s]
        Amazon Connect: abandonment rate                41.67 %  B/contacts queued; a callback is no abandon
        Amazon Connect: average hold                    40.0 s   Σ hold / contacts that had a hold
        Amazon Connect: AHT                             194.0 s  Σ(talk + hold + after-call work)/contacts handled, without time in a custom status
        Amazon Connect: contact handle time             194.0 s  as AHT, with time in a custom status
        Amazon Connect: agent non-response              0        offers that the agent let pass, one contact as often as it was offered
        Genesys Cloud: service level                    27.27 %  A≤T /((A+B) + F if flow-outs are included − B_s if short abandons are not − B if abandons are not) [T = 20 s, s = 5 s]
        Genesys Cloud: service level without flow-outs  30.00 %  as above with flow-outs off, the other switches as they are [T = 20 s, s = 5 s]
        Genesys Cloud: abandon rate                     45.45 %  B/(A+B+F)
        Asterisk: ServicelevelPerf                      60.00 %  completed in T / completed; a call counts when it ends, so long calls are missing while they last [T = 20 s]
        Asterisk: ServicelevelPerf2                     70.00 %  (completed in T + abandoned in T)/(completed + abandoned) [T = 20 s]
        Wazo: quality of service                        60.00 %  A≤T / A [T = 20 s]
        Wazo: average waiting time                      21.9 s   total wait/(answered + abandoned + left empty + timed out)
        Asterisk: Holdtime                              26 s     (3 × old + new)/4 in whole seconds, over answered calls
        no data: FCR; Containment; CSAT; CSAT, lower bound; CSAT, upper bound; Response rate; NPS; CES; Agent answer rate; Occupancy; Occupancy of slots; Utilisation; Shrinkage; Adherence; Conformance; Earned-hours index; Logged in; Contact time; Idle

        agent  Offered  Answered  Abandoned  Short abandoned  Callbacks requested  Flow-out  SL1      SL2      SL3      SL4      SL5      SL6      ASA     AHT      Abandon rate  Transfer rate
        ann    3        3         0          0                0                    0         66.67 %  66.67 %  66.67 %  66.67 %  66.67 %  66.67 %  31.7 s  205.0 s  0.00 %        0.00 %
        bob    2        2         0          0                0                    0         50.00 %  50.00 %  50.00 %  50.00 %  50.00 %  50.00 %  16.5 s  177.5 s  0.00 %        0.00 %

        interval              queue  Offered  Answered  Abandoned  Short abandoned  Callbacks requested  Flow-out  SL1      SL2      SL3      SL4      SL5      SL6      ASA     AHT      Abandon rate  Transfer rate
        1970-01-01T00:00:00Z  sales  12       5         5          2                1                    1         70.00 %  60.00 %  30.00 %  50.00 %  50.00 %  37.50 %  25.6 s  194.0 s  50.00 %       0.00 %

        Notes
          a note
    "#]].assert_eq(&to_table(&golden("agent,interval+queue"), Language::English));
}

#[test]
fn the_names_are_russian_if_asked_for() {
    let table = to_table(&golden("queue"), Language::Russian);
    let lines: Vec<&str> = table.lines().collect();
    let head = lines.iter().take(8).chain(lines.iter().rev().take(6).rev());
    expect![[r#"
        T 20 s, s 5 s, W 7 дней, по входу в очередь

        Поступило в очередь                          12       queue entries, by the flow or from another queue
        Отвечено                                     5        A: an agent answered
        Отвечено в срок                              3        A≤T: answered with a wait of at most T, inclusive [T = 20 s]
        Потеряно в очереди                           5        B: the customer left while waiting or ringing, the short ones included
        Потеряно до порога                           4        B≤T: abandoned with a wait of at most T, inclusive [T = 20 s]
        Короткие потери                              2        B_s: abandoned with a wait of at most s, inclusive [s = 5 s]

        очередь  Поступило в очередь  Отвечено  Потеряно в очереди  Короткие потери  Заказано обратных звонков  Ушло из очереди  SL1      SL2      SL3      SL4      SL5      SL6      Средняя скорость ответа (ASA)  Среднее время обслуживания (AHT)  Доля потерь  Доля переводов
        sales    12                   5         5                   2                1                          1                70.00 %  60.00 %  30.00 %  50.00 %  50.00 %  37.50 %  25.6 s                         194.0 s                           50.00 %      0.00 %

        Примечания
          a note
    "#]].assert_eq(&head.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn csv_has_a_line_for_each_figure_of_each_row() {
    let report = golden("agent");
    let text = to_csv(&report);
    let kpis = crate::kpi::definitions::all().count();
    // The header, the total, and two agents.
    assert_eq!(text.lines().count(), 1 + 3 * kpis);
    let shown = text.lines().filter(|line| {
        line.starts_with("table") || line.contains("SL2") || line.contains(",occupancy,")
    });
    expect![[r#"
        table,interval,queue,agent,channel,figure,value,unit,formula
        total,,,,,SL2,0.6,ratio,A≤T / A [T = 20 s]
        total,,,,,occupancy,,ratio,"contact time/(contact time + idle available); contact time is talk, hold and after-call work"
        agent,,,ann,,SL2,0.6666666666666666,ratio,A≤T / A [T = 20 s]
        agent,,,ann,,occupancy,,ratio,"contact time/(contact time + idle available); contact time is talk, hold and after-call work"
        agent,,,bob,,SL2,0.5,ratio,A≤T / A [T = 20 s]
        agent,,,bob,,occupancy,,ratio,"contact time/(contact time + idle available); contact time is talk, hold and after-call work"
    "#]].assert_eq(&shown.map(|line| format!("{line}\n")).collect::<String>());
}
