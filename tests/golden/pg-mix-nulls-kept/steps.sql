INSERT INTO mix SELECT 10 + m.id, n, n2, n3, na, nv, dn, dna, t0, t3, t6, ta, ta3, ts0, ts3, ts6, tsa, ts3a, dts, dtz, d, da, tz, tza, tt, tta, iv, ivn, b, bn, ba, h, hn, ha, m.m, mn, j, ja, r, ra, u, ua, bo, boa, f, g, bt, bv, bta FROM mix m ORDER BY id;
UPDATE mix SET n = NULL, na = '{}', h = NULL WHERE id = 12;
DELETE FROM mix WHERE id = 12;
