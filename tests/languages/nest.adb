--  Accesses to nested subprograms in Ada: nest SITUATION
with Ada.Command_Line; use Ada.Command_Line;
with Interfaces.C;     use Interfaces.C;
procedure Nest is
   type Comparison is access function (A, B : access int) return int with Convention => C;
   procedure Qsort (Base : access int; N, S : size_t; F : Comparison)
     with Import, Convention => C, External_Name => "qsort";

   Wrong : exception;

   function Apply (F : not null access function (X : Integer) return Integer; N : Integer) return Integer is
      R : Integer := 0;
   begin
      for I in 1 .. N loop
         R := R + F (I);
      end loop;
      return R;
   end Apply;

   procedure Plain is
      Total, Count : Integer := 0;
      function Add (X : Integer) return Integer is
      begin
         Total := Total + X;
         return Total;
      end Add;
      function Compare (A, B : access int) return int with Convention => C;
      function Compare (A, B : access int) return int is
      begin
         Count := Count + 1;
         return A.all - B.all;
      end Compare;
      V : array (1 .. 5) of aliased int := (5, 3, 9, 1, 7);
   begin
      if Apply (Add'Access, 10) /= 220 then
         raise Wrong;
      end if;
      Qsort (V (1)'Access, 5, 4, Compare'Unrestricted_Access);
      if V (1) /= 1 or else V (3) /= 5 or else V (5) /= 9 or else Count < 4 then
         raise Wrong;
      end if;
   end Plain;

   procedure Deep (N : Integer) is
      Sum : int := 0;
      function Compare (A, B : access int) return int with Convention => C;
      function Compare (A, B : access int) return int is
      begin
         Sum := Sum + int (N);
         return A.all - B.all;
      end Compare;
      V : array (1 .. 2) of aliased int := (2, 1);
   begin
      if N > 0 then
         Deep (N - 1);
      end if;
      Qsort (V (1)'Access, 2, 4, Compare'Unrestricted_Access);
      if Sum /= int (N) or else V (1) /= 1 then
         raise Wrong;
      end if;
   end Deep;

   --  An exception leaves the frames of nested subprograms.
   procedure Leave (N : Integer) is
      Count : Integer := 0;
      function Compare (A, B : access int) return int with Convention => C;
      function Compare (A, B : access int) return int is
      begin
         Count := Count + 1;
         return A.all - B.all;
      end Compare;
      V : array (1 .. 2) of aliased int := (2, 1);
   begin
      Qsort (V (1)'Access, 2, 4, Compare'Unrestricted_Access);
      if N = 0 then
         raise Constraint_Error;
      end if;
      Leave (N - Count);
   end Leave;

   procedure Threads is
      task type Worker;
      task body Worker is
      begin
         Plain;
      end Worker;
   begin
      for I in 1 .. 2_000 loop
         declare
            One : Worker;
         begin
            null;
         end;
      end loop;
   end Threads;

   What : constant String := Argument (1);
begin
   if What = "plain" then
      Plain;
      for I in 1 .. 100 loop
         begin
            Leave (I mod 9);
         exception
            when Constraint_Error => null;
         end;
         Plain;
      end loop;
   elsif What = "deep" then
      Deep (100_000);
   elsif What = "threads" then
      Threads;
   else
      Set_Exit_Status (2);
   end if;
end Nest;
