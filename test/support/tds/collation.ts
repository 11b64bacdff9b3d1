/** SQL_Latin1_General_CP1_CI_AS (MS-TDS 2.2.5.1.2), what a server in the United States has if nobody chose. */
export const COLLATION = Buffer.of(0x09, 0x04, 0xd0, 0x00, 0x34)
