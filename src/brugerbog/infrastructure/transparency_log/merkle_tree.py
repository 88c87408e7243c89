"""The whole tree over a log's leaf hashes, and its proofs (RFC 6962 §2.1; docs/log-format.md)."""

from collections.abc import Sequence
from hashlib import sha256

from brugerbog.infrastructure.crypto.tree_hash import HASH_SIZE, Frontier, node_hash

_PAIR = 2 * HASH_SIZE
_AT_A_TIME = 4096 * _PAIR


class Tree:
    """A tree with all its perfect subtrees, hashed once, so that each proof costs little however large it is.

    It keeps the leaf hashes it is given and 32 bytes more for each of them. Leaves are numbered by index,
    from 0: the event at position p has index p - 1.
    """

    def __init__(self, leaves: bytes | bytearray | memoryview) -> None:
        """Take the leaf hashes, 32 bytes each, joined. They must not change while the tree is used.

        Raises: ValueError when they are not whole hashes.
        """
        if len(leaves) % HASH_SIZE:
            raise ValueError("a leaf hash is 32 bytes")
        self.size = len(leaves) // HASH_SIZE
        self._levels = [memoryview(leaves)]
        while len(self._levels[-1]) >= _PAIR:
            self._levels.append(memoryview(_level_above(self._levels[-1])))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` leaves.

        Raises: ValueError when there are not so many.
        """
        return self.frontier_at(size).root()

    def frontier_at(self, size: int) -> Frontier:
        """Return the head of the first `size` leaves, ready to take up the next.

        Raises: ValueError when there are not so many.
        """
        if not 0 <= size <= self.size:
            raise ValueError("the tree has fewer leaves")
        return Frontier.from_bytes(size, b"".join(self._subtrees(0, size)))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof, from the leaf upwards, that the leaf at `index` is in the tree of `size` leaves.

        `size` is the whole tree's unless given. Raises: ValueError when there is no such leaf or tree.
        """
        size = self.size if size is None else size
        if not 0 <= index < size <= self.size:
            raise ValueError("there is no such leaf")
        start, end, proof = 0, size, list[bytes]()
        while end - start > 1:
            cut = start + _left_part(end - start)
            if index < cut:
                proof.append(self._root_of(cut, end))
                end = cut
            else:
                proof.append(self._root_of(start, cut))
                start = cut
        return proof[::-1]

    def consistency(self, older: int, size: int | None = None) -> list[bytes]:
        """Return the proof, from the bottom upwards, that the tree of `size` leaves begins with `older`'s.

        `size` is the whole tree's unless given. Nothing need be shown (an empty proof) when the older tree is
        empty or is the same one. Raises: ValueError when there are no such trees.
        """
        size = self.size if size is None else size
        if not 0 <= older <= size <= self.size:
            raise ValueError("there are no such trees")
        if older == 0:
            return []
        start, end, proof = 0, size, list[bytes]()
        while older != end:
            cut = start + _left_part(end - start)
            if older <= cut:
                proof.append(self._root_of(cut, end))
                end = cut
            else:
                proof.append(self._root_of(start, cut))
                start = cut
        if start:
            proof.append(self._root_of(start, end))
        return proof[::-1]

    def _root_of(self, start: int, end: int) -> bytes:
        *larger, root = self._subtrees(start, end)
        for left in reversed(larger):
            root = node_hash(left, root)
        return root

    def _subtrees(self, start: int, end: int) -> list[bytes]:
        """Return the roots of the perfect subtrees that make up the leaves from `start` to before `end`.

        `start` is where RFC 6962 cuts: a multiple of the largest subtree's size.
        """
        found = []
        while start < end:
            level = (end - start).bit_length() - 1
            at = (start >> level) * HASH_SIZE
            found.append(bytes(self._levels[level][at : at + HASH_SIZE]))
            start += 1 << level
        return found


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` leads from the leaf hash at `index` to the root of the tree of `size` leaves."""
    if not 0 <= index < size or not _are_hashes(leaf, *proof):
        return False
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def is_consistent(
    older: int, older_root: bytes, newer: int, newer_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether `proof` shows that the tree of `newer` leaves begins with all of the tree of `older`."""
    if not 0 <= older <= newer or not _are_hashes(older_root, newer_root, *proof):
        return False
    if older == 0:
        return not proof and older_root == Frontier().root()
    if older == newer:
        return not proof and older_root == newer_root
    is_perfect = older & (older - 1) == 0
    path = [older_root, *proof] if is_perfect else list(proof)
    if not path:
        return False
    at, last = older - 1, newer - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == older_root and after == newer_root


def _level_above(below: memoryview) -> bytearray:
    """Hash each pair of neighbours; an odd one at the end has no place in a perfect subtree of this size."""
    above, end = bytearray(), len(below) // _PAIR * _PAIR
    for start in range(0, end, _AT_A_TIME):
        pairs = range(start, min(start + _AT_A_TIME, end), _PAIR)
        above += b"".join([sha256(b"\x01" + below[at : at + _PAIR]).digest() for at in pairs])
    return above


def _left_part(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH_SIZE for one in hashes)
