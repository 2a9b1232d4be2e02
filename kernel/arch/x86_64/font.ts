/**
 * The screen's font: printable ASCII, drawn five pixels wide and nine high (two of them below the line), shown in cells
 * of 8 by 16: the first three rows take one line, the others two. A glyph is one number: row r, from the top, is its bits 5r to
 * 5r + 4, the leftmost pixel the highest.
 */

const FIRST = 0x20;
const FIRST_LINE: u64 = 1;

const GLYPHS: readonly u64[] = [
  0x000000000000,
  0x000100421084,
  0x00000000014a,
  0x000295f57d4a,
  0x00013c5751e4,
  0x0004e6820b39, // space ! " # $ %
  0x00036554524c,
  0x000000000084,
  0x000088842082,
  0x000208210888,
  0x00002aefbaa0,
  0x0000084f9080, // & ' ( ) * +
  0x00410c000000,
  0x0000000f8000,
  0x00018c000000,
  0x000420820821,
  0x0003a39ace2e,
  0x000388421184, // , - . / 0 1
  0x0007e083062e,
  0x0003a213062e,
  0x000085f928c2,
  0x0003a210fa1f,
  0x0003a31f4106,
  0x00021082083f, // 2 3 4 5 6 7
  0x0003a317462e,
  0x00030417c62e,
  0x00000c6018c0,
  0x00410c6018c0,
  0x000088882082,
  0x000001f07c00, // 8 9 : ; < =
  0x000208208888,
  0x00010041062e,
  0x0003e17ade2e,
  0x000463f8c544,
  0x0007a31f463e,
  0x0003a308422e, // > ? @ A B C
  0x00072518c65c,
  0x0007e10f421f,
  0x0004210f421f,
  0x0003e31bc22e,
  0x0004631fc631,
  0x00038842108e, // D E F G H I
  0x000324210847,
  0x0004654c5251,
  0x0007e1084210,
  0x0004631ad771,
  0x00046319d731,
  0x0003a318c62e, // J K L M N O
  0x0004210f463e,
  0x00036558c62e,
  0x0004654f463e,
  0x00078217420f,
  0x00010842109f,
  0x0003a318c631, // P Q R S T U
  0x00011518c631,
  0x0004775ac631,
  0x000462a22a31,
  0x000108422a31,
  0x0007e082083f,
  0x00039084210e, // V W X Y Z [
  0x000042222210,
  0x00038421084e,
  0x000000004544,
  0x00f800000000,
  0x000000000088,
  0x0003e2f0b800, // \ ] ^ _ ` a
  0x0007a318fa10,
  0x0003e1083c00,
  0x0003e318bc21,
  0x0003a1f8b800,
  0x000210847906,
  0x0e0be318bc00, // b c d e f g
  0x00046318fa10,
  0x000388423004,
  0x0c9084211802,
  0x0004a98a4a10,
  0x00038842108c,
  0x00046b5ae800, // h i j k l m
  0x00046318f800,
  0x0003a318b800,
  0x1087a318f800,
  0x010be318bc00,
  0x0004210c5800,
  0x000782e83c00, // n o p q r s
  0x000190847908,
  0x0003e318c400,
  0x00011518c400,
  0x0002ab58c400,
  0x000454454400,
  0x0e0be318c400, // t u v w x y
  0x0007d0417c00,
  0x000088441082,
  0x000108421084,
  0x000208411088,
  0x0000002aa000, // z { | } ~
];

/** Line `line` (0 to 15) of the cell of a printable ASCII character: eight pixels, the leftmost the highest bit. */
export function glyphRow(character: u8, line: u64): u64 {
  if (line < FIRST_LINE) {
    return 0;
  }
  // Nine rows have fifteen lines: the first three rows take one each, the others two.
  const at = line - FIRST_LINE;
  const row = at < 3 ? at : (at + 3) >>> 1;
  return ((GLYPHS[character - FIRST] >>> (row * 5)) & 31) << 2;
}
